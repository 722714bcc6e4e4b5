//! Code by its address, which is the same in every process of one image: a process and those that were forked from it.

use std::{mem, ptr};

/// How code is called that was sent: with what was sent beside it, and a place for its answer.
pub(crate) trait CallWith<F> {
    type Place;
    type Answer;
    fn call(code: F, sent: &[u8], place: &mut Self::Place) -> Self::Answer;
}

/// In bytes: an address, and the same once more in another form.
const LENGTH: usize = 2 * size_of::<u64>();

/// A word of this image, by which an address is known to have been written by [`write`].
static SEAL: u8 = 0;

fn seal(address: u64) -> u64 {
    !address ^ (&raw const SEAL).addr() as u64
}

type Entry<P, A> = fn(&[u8], &mut P) -> A;

/// The address of code without captures, to be sent to a process of the same image.
pub(crate) fn write<F: Copy, C: CallWith<F>>(_code: F) -> [u8; LENGTH] {
    const { assert!(size_of::<F>() == 0, "a closure that is sent to another process may capture nothing") };
    let entry: Entry<C::Place, C::Answer> = enter::<F, C>;
    let address = entry as usize as u64;
    let mut bytes = [0; LENGTH];
    let (first, second) = bytes.split_at_mut(size_of::<u64>());
    first.copy_from_slice(&address.to_ne_bytes());
    second.copy_from_slice(&seal(address).to_ne_bytes());
    bytes
}

/// The code as `write` was given it, once more.
fn enter<F: Copy, C: CallWith<F>>(sent: &[u8], place: &mut C::Place) -> C::Answer {
    // SAFETY: it has no bytes, as `write` asserts, and `write` alone gives this function away: it had such a value,
    // and this is a copy of it.
    let code: F = unsafe { mem::transmute_copy::<(), F>(&()) };
    C::call(code, sent, place)
}

/// Calls the code whose address is at the beginning of `message`, with the rest of it. `None`: there is none.
///
/// All messages of one reader have been written with the same types `P` and `A`.
pub(crate) fn call<P, A>(message: &[u8], place: &mut P) -> Option<A> {
    let (first, rest) = message.split_first_chunk()?;
    let (second, sent) = rest.split_first_chunk()?;
    let address = u64::from_ne_bytes(*first);
    if seal(address) != u64::from_ne_bytes(*second) {
        return None;
    }
    let address = ptr::with_exposed_provenance::<()>(usize::try_from(address).ok()?);
    // SAFETY: `write` of this image has sealed it, so it is the address of a function of this type, and code stays
    // where it is in the processes that are forked from one.
    let entry = unsafe { mem::transmute::<*const (), Entry<P, A>>(address) };
    Some(entry(sent, place))
}
