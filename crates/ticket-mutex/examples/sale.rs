//! Notes 5: eight buyers, five tickets, one file, which is overwritten in place and so whole at any time.

use killproof::{file_lock::FileLock, interrupt::sleep, process::Process};
use std::{collections::HashMap, error::Error, fs, fs::File, os::unix::fs::FileExt, time::Duration};

fn main() -> Result<(), Box<dyn Error>> {
    let (file, mutex) = (File::create("sale.json")?, FileLock::existing("sale.json"));
    let dump = |left: u32| file.write_all_at(format!(r#"{{"tickets_num": {left}}}"#).as_bytes(), 0);
    let load = |dic: Vec<u8>| Ok(serde_json::from_slice::<HashMap<&str, u32>>(&dic)?["tickets_num"]);
    let search_ticket = || fs::read("sale.json").and_then(load);
    let buy_ticket = |name| -> Result<(), Box<dyn Error>> {
        let left = search_ticket()?;
        sleep(Duration::from_millis(100 * rand::random_range(1..=5)))?;
        match left {
            0 => println!("no tickets left, user {name} bought none"),
            _ => dump(left - 1).map(|()| println!("user {name} bought ticket number {left}"))?,
        }
        Ok(())
    };
    let task = |name| {
        println!("user {name} queries: {} tickets left", search_ticket()?);
        let _held = mutex.lock()?; // without this line ticket number 5 is sold eight times
        buy_ticket(name)
    };
    dump(5)?;
    let start = |i| Process::new(format!("user {i}"), move || task(i)).start();
    (1..=8).map(start).collect::<Result<Vec<_>, _>>()?.iter_mut().try_for_each(|buyer| buyer.join().map(drop))?;
    Ok(fs::remove_file("sale.json")?)
}
