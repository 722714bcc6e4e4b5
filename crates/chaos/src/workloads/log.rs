//! A `Log` under load, whose writers and readers are killed.
//!
//! Every record whose append returned is in the log: once, whole, and behind the earlier ones of its writer. A writer
//! that is killed in the middle of an append leaves a hole at most, which no other writer and no reader waits for.

use std::sync::atomic::{AtomicU64, Ordering};

use common::Error;
use common::shared::Shared;
use killproof::log::{AppendError, Log};
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

use super::start_and_inject;
use crate::crash_points::RECORDING;
use crate::hidden_proc::HiddenProc;
use crate::item::{Content, Name};
use crate::latency::Operation;
use crate::ledger::{Fault, Ledger};
use crate::plan::Round;
use crate::random::one_of;
use crate::roles::{MOST_PER_ROLE, Role};
use crate::slots::Slots;
use crate::stop_flag::StopFlag;
use crate::tally::{Records, Tally};
use crate::traffic::{MOMENT, work};
use crate::workers::{Cause, Death, WorkerContext};

/// The note of a writer that is in the middle of an append.
const APPENDING: u64 = 1;
/// The most that a log of a round keeps, in bytes: it ends the round, and a call with a deadline must not wait for it.
const MOST: u64 = 64 << 20;
/// What a record has before its filling: its writer and its number.
const NAME: usize = 16;
/// One record in this number is so long that it takes a good part of the first segment.
const LONG_EVERY: u32 = 500;
const LONG: usize = 200_000;

struct LogWorkload<'a> {
    log: Log,
    content: Content,
    /// The longest pause of a worker, in microseconds.
    work: u64,
    ledger: &'a Ledger,
    /// How many records the readers found.
    read: Shared<AtomicU64>,
    stop: StopFlag,
}

pub(super) fn run(
    mut round: Round,
    slots: &Slots,
    ledger: &Ledger,
    hidden_proc: &HiddenProc,
    tally: &mut Tally,
) -> Result<(), Error> {
    ledger.wipe();
    let random = &mut round.random;
    let workload = LogWorkload {
        log: Log::with_limit(MOST)?,
        content: Content { seed: random.random(), largest: one_of(random, &[0, 40, 400, 4_000]), poison_every: 0 },
        work: one_of(random, &[20, 50]),
        ledger,
        read: Shared::new(AtomicU64::new(0))?,
        stop: StopFlag::new()?,
    };
    let roles = [(Role::Writer, random.random_range(2..=MOST_PER_ROLE)), (Role::Reader, random.random_range(1..=2))];
    let work = |context: &mut WorkerContext| workload.work(context);
    let mut workers = start_and_inject(&mut round, slots, hidden_proc, &roles, &work)?;
    slots.latency.work_ends();
    workload.stop.raise();
    workers.join(Role::Writer)?;
    workers.join(Role::Reader)?;
    tally.records.add(&workload.account(workers.deaths())?);
    tally.add_workers(&workers);
    Ok(())
}

impl LogWorkload<'_> {
    fn work(&self, context: &mut WorkerContext) -> Result<(), Error> {
        if context.role == Role::Writer { self.write(context) } else { self.read(context) }
    }

    fn write(&self, context: &mut WorkerContext) -> Result<(), Error> {
        while !self.stop.is_raised() {
            context.slot.take_order();
            let Some(name) = self.ledger.begin(context.index) else { break };
            let record = self.record(name, &mut context.random);
            context.slot.note(APPENDING);
            // No append waits for another process.
            let none = Some(std::time::Duration::ZERO);
            match context.slot.within(none, Operation::Append, || self.log.append(&record)) {
                Err(AppendError::Full) => break,
                appended => appended.map_err(killproof::Error::from)?,
            }
            self.ledger.returned(name);
            context.slot.note(0);
            context.slot.complete();
            work(&mut context.random, self.work);
        }
        Ok(())
    }

    /// Reads what is new, again and again.
    fn read(&self, context: &mut WorkerContext) -> Result<(), Error> {
        let mut from = self.log.end();
        while !self.stop.is_raised() {
            context.slot.take_order();
            let (next, mut last) = (self.log.end(), [None; MOST_PER_ROLE]);
            // It may have much to read, as others append meanwhile: so it has no deadline.
            context.slot.during(Operation::Read, || {
                self.log.read_since(from, |record| {
                    self.inspect(record, &mut last);
                    self.read.fetch_add(1, Ordering::Relaxed);
                })
            })?;
            from = next;
            context.slot.complete();
            common::interrupt::sleep(MOMENT)?;
        }
        Ok(())
    }

    /// The record of this name: its length varies, and its bytes follow from the name.
    fn record(&self, name: Name, random: &mut Xoshiro256PlusPlus) -> Vec<u8> {
        let mut record = Vec::new();
        record.extend_from_slice(&u64::from(name.producer).to_le_bytes());
        record.extend_from_slice(&u64::from(name.number).to_le_bytes());
        record.extend_from_slice(self.content.item(name).filling().as_bytes());
        if random.random_range(0..LONG_EVERY) == 0 {
            let name: [u8; NAME] = std::array::from_fn(|place| record[place]);
            let long = LONG.saturating_sub(record.len());
            record.extend(name.into_iter().cycle().take(long));
        }
        record
    }

    /// The name of a whole record that stands behind the earlier ones of its writer. Every other one is a fault.
    fn inspect(&self, record: &[u8], last: &mut [Option<u32>; MOST_PER_ROLE]) -> Option<Name> {
        let name = self.name_of(record);
        let Some(name) = name else {
            self.ledger.report(Fault::Torn);
            return None;
        };
        let last = &mut last[usize::from(name.producer)];
        if last.is_some_and(|last| last >= name.number) {
            self.ledger.report(Fault::Disordered);
        }
        *last = Some(name.number);
        Some(name)
    }

    fn name_of(&self, record: &[u8]) -> Option<Name> {
        let (words, rest) = record.as_chunks::<8>();
        let word = |place: usize| words.get(place).map(|word| u64::from_le_bytes(*word));
        let name = Name { producer: u8::try_from(word(0)?).ok()?, number: u32::try_from(word(1)?).ok()? };
        let item = self.content.item(name);
        let (short, long) = record[NAME..].split_at_checked(item.filling().len())?;
        let is_repeated = long.iter().zip(record[..NAME].iter().cycle()).all(|(byte, of_name)| byte == of_name);
        let is_whole = short == item.filling().as_bytes()
            && (rest.len() + words.len() * 8 == LONG || long.is_empty())
            && is_repeated;
        (usize::from(name.producer) < MOST_PER_ROLE && is_whole).then_some(name)
    }

    /// Reads the whole log, and holds it against what the writers wrote down.
    fn account(&self, deaths: &[Death]) -> Result<Records, Error> {
        let mut last = [None; MOST_PER_ROLE];
        let read = self.log.read_since(0, |record| {
            if let Some(name) = self.inspect(record, &mut last) {
                self.ledger.handed_out(name, 1);
                self.ledger.processed(name);
            }
        })?;
        let account = self.ledger.account();
        // A writer that died before the last step leaves a hole for certain, and one that died in an append perhaps.
        let before_the_last = |death: &&Death| {
            let in_append = death.note == APPENDING && death.role == Role::Writer;
            let points = &RECORDING[..RECORDING.len() - 1];
            in_append && points.iter().any(|point| death.cause == Cause::CrashPoint(*point))
        };
        let certain = deaths.iter().filter(before_the_last).count() as u64;
        let possible = account.cut - account.cut_but_in;
        let faults = [Fault::Torn, Fault::Disordered, Fault::Twice];
        Ok(Records {
            appended: account.put,
            read: self.read.load(Ordering::SeqCst),
            lost: account.missing,
            torn: faults.into_iter().map(|fault| account.faults(fault)).sum(),
            holes: read.holes,
            holes_wrong: certain.saturating_sub(read.holes) + read.holes.saturating_sub(possible),
        })
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_record_is_known_by_its_bytes_and_a_part_of_one_is_not() {
        let ledger = Ledger::new().expect("memory");
        let workload = LogWorkload {
            log: Log::new().expect("memory"),
            content: Content { seed: 7, largest: 100, poison_every: 0 },
            work: 1,
            ledger: &ledger,
            read: Shared::new(AtomicU64::new(0)).expect("memory"),
            stop: StopFlag::new().expect("memory"),
        };
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut lengths = Vec::new();
        for number in 0..3_000 {
            let name = Name { producer: 2, number };
            let record = workload.record(name, &mut random);
            assert_eq!(workload.name_of(&record), Some(name));
            let (head, tail) = record.split_at(record.len() - 1);
            assert_eq!(workload.name_of(head).filter(|_| record.len() > NAME), None, "{number}");
            let other = [head, &[tail[0] ^ 1]].concat();
            assert_eq!(workload.name_of(&other), None, "{number}");
            lengths.push(record.len());
        }
        assert!(lengths.contains(&LONG) && lengths.contains(&NAME));
    }
}
