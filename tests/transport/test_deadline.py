import socket
from threading import Event

from debtplan.transport.deadline import Deadline


class Stream:
    """What httpcore says of a connection."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def get_extra_info(self, name: str) -> object:
        return self._end if name == "socket" else None


def test_a_connection_that_comes_after_the_end_is_cut_at_once() -> None:
    deadline = Deadline()
    ours, theirs = socket.socketpair()
    with ours, theirs, deadline.limit(0.01):
        while not deadline.is_over:
            Event().wait(0.005)
        deadline.watch("connection.connect_tcp.complete", {"return_value": Stream(ours)})
        assert theirs.recv(1) == b""
        assert ours.recv(1) == b""


def test_a_connection_lives_on_where_the_answer_came_in_time() -> None:
    deadline = Deadline()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        deadline.watch("connection.connect_tcp.complete", {"return_value": Stream(ours)})
        for _ in range(3):
            with deadline.limit(5):
                deadline.watch("http11.send_request_headers.started", {})
        assert not deadline.is_over
        theirs.sendall(b"x")
        assert ours.recv(1) == b"x"


def test_a_connection_that_is_closed_already_needs_no_cutting() -> None:
    deadline = Deadline()
    ours, theirs = socket.socketpair()
    deadline.watch("connection.start_tls.complete", {"return_value": Stream(ours)})
    ours.close()
    theirs.close()
    with deadline.limit(0.01):
        while not deadline.is_over:
            Event().wait(0.005)
    with deadline.limit(5):
        assert not deadline.is_over
