//! Notes 10, the server: it sends everything back in upper case, to each client by a thread of its own.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

fn task(mut conn: TcpStream) {
    let mut data = [0; 1024];
    while let Ok(n @ 1..) = conn.read(&mut data) {
        println!("{}", String::from_utf8_lossy(&data[..n]));
        if conn.write_all(&data[..n].to_ascii_uppercase()).is_err() {
            break;
        }
    }
}

fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "8005".to_owned());
    let s = TcpListener::bind(format!("127.0.0.1:{port}"))?;
    println!("listening on {}", s.local_addr()?);
    loop {
        let (conn, _) = s.accept()?;
        let start = || task(conn);
        let start = || std::thread::spawn(start); // without this line a silent client keeps all others waiting
        start();
    }
}
