//! Notes 6: a queue of six. First in, first out.

use std::error::Error;

use crossbeam_channel::bounded;

fn main() -> Result<(), Box<dyn Error>> {
    let (put, get) = bounded(6); // room for six: a seventh put would wait
    put.send("a")?;
    put.send("b")?;
    put.send("c")?;
    put.send("d")?;
    put.send("e")?;
    put.send("f")?;
    let q1 = get.recv()?;
    let q2 = get.recv()?;
    let q3 = get.recv()?;
    let q4 = get.recv()?;
    let q5 = get.recv()?;
    let q6 = get.recv()?;
    println!("{q1} {q2} {q3} {q4} {q5} {q6}");
    Ok(())
}
