//! `healthcheck`: asks a running service whether it is ready. For images without a shell or curl.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(3);
/// `HTTP/1.1 200 `
const STATUS_LINE: usize = 13;

/// Ready, or why not.
pub fn ask(address: SocketAddr) -> Result<(), String> {
    let status = status(address).map_err(|cause| format!("{address}: {cause}"))?;
    match status.split(' ').nth(1) {
        Some("200") => Ok(()),
        Some(status) => Err(format!("{address}: /health/ready answers {status}")),
        None => Err(format!("{address}: that is no HTTP server")),
    }
}

fn status(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!("GET /health/ready HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut line = [0; STATUS_LINE];
    stream.read_exact(&mut line)?;
    Ok(String::from_utf8_lossy(&line).into_owned())
}

#[cfg(test)]
mod tests {
    use super::ask;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    fn answer(text: &'static str) -> Result<(), String> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 200];
            let read = stream.read(&mut request).unwrap();
            assert!(request[..read].starts_with(b"GET /health/ready HTTP/1.1\r\n"));
            stream.write_all(text.as_bytes()).unwrap();
        });
        let asked = ask(address);
        server.join().unwrap();
        asked
    }

    #[test]
    fn ready_is_200_and_nothing_else() {
        assert_eq!(answer("HTTP/1.1 200 OK\r\n\r\n"), Ok(()));
        assert!(answer("HTTP/1.1 503 Service Unavailable\r\n\r\n").unwrap_err().contains("503"));
        assert!(answer("SSH-2.0-OpenSSH_9.2p1").is_err());
        assert!(answer("").is_err());
    }
}
