"""The notes' server: a thread per connection, 1024 bytes at a time, sent back in upper case.

It prints its address and nothing else: ours runs with --quiet. The backlog is Python's default, and not
the notes' 5, so that a thousand clients can connect at once.
"""
import socket
import threading


def task(conn):
    while True:
        try:
            data = conn.recv(1024)
        except OSError:
            break
        if not data:
            break
        conn.sendall(data.upper())
    conn.close()


die_with(int(sys.argv[1]))
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen()
host, port = server.getsockname()
print(f"listening on {host}:{port}", flush=True)
while True:
    conn, addr = server.accept()
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=task, args=(conn,), daemon=True).start()
