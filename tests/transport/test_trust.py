import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
import truststore

from debtplan.errors import SourceError, UsageError
from debtplan.transport.client import Client
from debtplan.transport.retry import Budget
from debtplan.transport.trust import trust
from tests.transport.asking import LOGIN, line
from tests.transport.raw import RawServer
from tests.transport.tls import TlsServer


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def ask(url: str, folder: Path, **settings: object) -> tuple[int, Client]:
    limits = line(**settings)
    with Client(url, LOGIN, limits, Budget(100, 100), trust=trust(limits, folder)) as asking:
        return asking.get("rest").status, asking


def refused(url: str, folder: Path, waits: list[float], **settings: object) -> SourceError:
    with pytest.raises(SourceError) as caught:
        ask(url, folder, **settings)
    assert waits == []
    return caught.value


def test_the_systems_own_store_is_trusted_by_default(tmp_path: Path) -> None:
    assert isinstance(trust(line(), tmp_path), truststore.SSLContext)


def test_a_company_s_authority_is_trusted_through_ca_file(
    authority: trustme.CA, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with TlsServer(authority.issue_cert("127.0.0.1")) as server:
        for name in ("ca.pem", str(tmp_path / "ca.pem")):
            assert ask(server.url, tmp_path, ca_file=name)[0] == 200
        assert server.requests == ["/rest", "/rest"]


def test_any_link_of_the_chain_may_stand_in_ca_file(tmp_path: Path) -> None:
    middle = trustme.CA().create_child_ca()
    middle.cert_pem.write_to_path(str(tmp_path / "middle.pem"))
    with TlsServer(middle.issue_cert("127.0.0.1")) as server:
        assert ask(server.url, tmp_path, ca_file="middle.pem")[0] == 200


def test_an_unknown_authority_is_refused_once_with_our_sentence(
    authority: trustme.CA, tmp_path: Path, waits: list[float]
) -> None:
    with TlsServer(authority.issue_cert("127.0.0.1")) as server:
        error = refused(server.url, tmp_path, waits)
        assert (server.requests, server.handshakes) == ([], 1)
    assert error.what.startswith(f"The certificate of 127.0.0.1:{server.port}/rest is not trusted")
    assert error.fix == "Set ca_file under [transport] to your company's certificate."


def test_ca_file_stands_in_the_place_of_every_other_authority(
    authority: trustme.CA, tmp_path: Path, waits: list[float]
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    with TlsServer(authority.issue_cert("127.0.0.1")) as server:
        assert "not trusted" in refused(server.url, tmp_path, waits, ca_file="other.pem").what
        assert server.requests == []


def test_a_certificate_of_another_host_or_of_the_past_is_refused(
    authority: trustme.CA, tmp_path: Path, waits: list[float]
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    past = datetime(2001, 1, 1, tzinfo=UTC), datetime(2002, 1, 1, tzinfo=UTC)
    for certificate, why in (
        (authority.issue_cert("jira.example.com"), "mismatch"),
        (authority.issue_cert("127.0.0.1", not_before=past[0], not_after=past[1]), "expired"),
    ):
        with TlsServer(certificate) as server:
            error = refused(server.url, tmp_path, waits, ca_file="ca.pem")
            assert server.requests == []
        assert why in error.what
        assert error.fix == "Check the address, or have the certificate renewed."


def test_a_server_without_tls_is_named_as_such(tmp_path: Path, waits: list[float]) -> None:
    with RawServer(lambda *_: None) as server:
        server.answer_at_once = b"HTTP/1.1 400 Bad Request\r\n\r\n"
        error = refused(f"https://127.0.0.1:{server.port}", tmp_path, waits)
    assert "cannot be reached with TLS" in error.what
    assert "port" in error.fix


def test_a_ca_file_that_cannot_be_used_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    (tmp_path / "text.pem").write_text("no certificate")
    (tmp_path / "folder.pem").mkdir()
    for name, why in (
        ("absent.pem", "no such file or directory"),
        ("empty.pem", "it holds no certificate"),
        ("text.pem", "it holds no certificate"),
        ("folder.pem", "is a directory"),
        ("nul\0.pem", "it is no file"),
        ("x" * 300, "file name too long"),
    ):
        with pytest.raises(UsageError) as caught:
            trust(line(ca_file=name), tmp_path)
        assert caught.value.what.startswith("ca_file ")
        assert caught.value.what.endswith(f"cannot be used: {why}.")
        assert "ca_file under [transport]" in caught.value.fix


def test_names_and_chains_are_checked_with_a_ca_file_too(
    authority: trustme.CA, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = trust(line(ca_file="ca.pem"), tmp_path)
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
