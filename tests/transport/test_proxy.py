"""Ways out of a company's network, from the usual variables, with a proxy on loopback."""

import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest
import trustme

from debtplan.errors import SourceError, UsageError
from debtplan.transport.client import Client
from debtplan.transport.retry import Budget
from debtplan.transport.trust import trust
from tests.servers.harness import FakeServer, reply
from tests.transport.asking import LOGIN, client, line
from tests.transport.raw import RawServer, whole
from tests.transport.tls import TlsServer

FAR = "http://jira.example.test"
OK = whole(b'{"from": "the proxy"}')
WANTS_PASSWORD = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\n"
    b"Proxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_is_asked_with_the_whole_address(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RawServer(lambda connection, _: connection.sendall(OK)) as proxy:
        monkeypatch.setenv(name, proxy.url)
        with client(FAR) as asking:
            assert asking.get("rest").json() == {"from": "the proxy"}
    assert proxy.heads[0].startswith("GET http://jira.example.test/rest HTTP/1.1\r\n")


def test_a_proxy_without_a_scheme_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(lambda connection, _: connection.sendall(OK)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"127.0.0.1:{proxy.port}")
        with client(FAR) as asking:
            assert asking.get("rest").status == 200


def test_no_proxy_names_hosts_that_are_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def look_up(host: object, *_: object, **__: object) -> object:
        asked.append(host)
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with RawServer(lambda connection, _: connection.sendall(OK)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "other.test,.example.test")
        with client(FAR, attempts=1) as asking, pytest.raises(SourceError) as caught:
            asking.get("rest")
        assert proxy.heads == []
    assert asked == ["jira.example.test"]
    assert "cannot be reached" in caught.value.what


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_never_asked_through_a_proxy(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with FakeServer(lambda _: reply({"from": "here"})) as home:
        base = home.url.replace("127.0.0.1", host)
        with client(base) as asking:
            assert asking.get("rest").json() == {"from": "here"}


def test_a_proxy_that_wants_a_password_has_our_sentence(
    monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    with RawServer(lambda connection, _: connection.sendall(WANTS_PASSWORD)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        for base in (FAR, FAR.replace("http:", "https:")):
            with client(base) as asking, pytest.raises(SourceError) as caught:
                asking.get("rest")
            assert caught.value.what.startswith("The way to jira.example.test/rest is barred:")
            assert "407" in caught.value.what
            assert "HTTPS_PROXY" in caught.value.fix
            assert asking.requests == 1
    assert waits == []


def test_a_proxy_that_does_not_reach_the_service_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    bad = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
    with RawServer(lambda connection, _: connection.sendall(bad)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with (
            client("https://jira.example.test", attempts=3) as asking,
            pytest.raises(SourceError) as caught,
        ):
            asking.get("rest")
    assert caught.value.what == (
        "jira.example.test/rest cannot be reached through the proxy "
        "(503 Service Unavailable) (asked 3 times)."
    )
    assert waits == [0.5, 1.0]


@pytest.mark.parametrize(
    "named",
    ["socks5://ann:hunter2@127.0.0.1:1", "gopher://ann:hunter2@x", "http://ann:hunter2@x:port"],
)
def test_a_proxy_that_is_none_is_an_error_of_the_user_without_its_password(
    named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", named)
    with pytest.raises(UsageError) as caught:
        client("https://jira.example.test")
    assert "hunter2" not in f"{caught.value}{caught.value.__context__}"
    assert "HTTPS_PROXY" in caught.value.what


def test_through_a_proxy_the_service_still_has_to_prove_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, waits: list[float]
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))

    with TlsServer(authority.issue_cert("jira.example.test")) as service:

        def tunnel(connection: socket.socket, _: int) -> None:
            with socket.create_connection(("127.0.0.1", service.port)) as onward:
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=pump, args=(onward, connection), daemon=True)
                back.start()
                pump(connection, onward)
                back.join(5)

        with RawServer(tunnel) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            trusting = line(ca_file="ca.pem")
            for limits, is_trusted in ((trusting, True), (line(), False)):
                asking = Client(
                    "https://jira.example.test",
                    LOGIN,
                    limits,
                    Budget(100, 100),
                    trust=trust(limits, tmp_path),
                )
                with asking:
                    if is_trusted:
                        assert asking.get("rest").status == 200
                    else:
                        with pytest.raises(SourceError, match="is not trusted here"):
                            asking.get("rest")
            head = proxy.heads[0]
        assert head.startswith("CONNECT jira.example.test:443 HTTP/1.1\r\n")
        assert "authorization" not in head.casefold()
        assert service.requests == ["/rest"]
    assert waits == []


def pump(one: socket.socket, other: socket.socket) -> None:
    """Pass on what one side says until it ends."""
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)
