//! Notes 10, the client: it says hello five times a second and prints the answers, until the server goes.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use killproof::interrupt::sleep;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let address = args.next().unwrap_or_else(|| "127.0.0.1:8005".to_owned());
    let count = args.next().map_or(Ok(u64::MAX), |count| count.parse())?;
    let mut c = TcpStream::connect(address)?;
    for _ in 0..count {
        c.write_all(b"hello")?;
        let mut data = [0; 5];
        let n = c.read(&mut data)?;
        c.read_exact(&mut data[n..])?; // without this line the first half of an answer is taken for the whole
        println!("{}", String::from_utf8_lossy(&data));
        sleep(Duration::from_millis(200))?;
    }
    Ok(())
}
