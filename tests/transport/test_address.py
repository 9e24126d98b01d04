import pytest

from debtplan.errors import UsageError
from debtplan.transport.address import check_base, host_of, is_loopback, is_same_origin

HOME = "https://jira.example.com"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://jira.example.com/", "https://jira.example.com"),
        (" https://jira.example.com/jira/ ", "https://jira.example.com/jira"),
        ("https://api.atlassian.com/ex/jira/1-2", "https://api.atlassian.com/ex/jira/1-2"),
        ("https://jira.example.com?", "https://jira.example.com"),
        ("http://localhost:9090", "http://localhost:9090"),
        ("http://127.0.0.1:9090/", "http://127.0.0.1:9090"),
        ("http://[::1]:9090", "http://[::1]:9090"),
    ],
)
def test_the_address_of_a_service_is_kept_without_its_last_slash(given: str, kept: str) -> None:
    assert check_base(given, "url", allow_http=True) == kept


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("jira.example.com", "no web address"),
        ("", "no web address"),
        ("ftp://jira.example.com", "no web address"),
        ("https://", "no web address"),
        ("https://jira.example.com:port", "no web address"),
        ("https://jira.example.com:99999", "no web address"),
        ("https://jira.exa\nmple.com", "no web address"),
        ("https://jira.exa mple.com", "no web address"),
        ("https://jira.example.com\\@evil.example", "no web address"),
        ("https://ann:secret@jira.example.com", "a user or a password"),
        ("https://@jira.example.com", "a user or a password"),
        ("https://jira.example.com/?a=1", "has a query"),
        ("https://jira.example.com/#top", "has a query"),
        ("http://jira.example.com", "not encrypted"),
        ("http://0x7f.1", "not encrypted"),
        ("https://169.254.169.254", "the cloud's own machine"),
        ("http://169.254.169.254/latest/meta-data", "the cloud's own machine"),
        ("https://2852039166", "the cloud's own machine"),
        ("https://0xa9.254.169.254", "the cloud's own machine"),
        ("https://169.254.43518", "the cloud's own machine"),
        ("https://[fe80::1]", "the cloud's own machine"),
        ("https://[::ffff:169.254.169.254]", "the cloud's own machine"),
        ("https://metadata.google.internal.", "the cloud's own machine"),
    ],
)
def test_what_may_get_no_token_is_refused_with_the_setting(given: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_base(given, "sources.jira.url", allow_http=True)
    assert said in caught.value.what
    assert caught.value.what.startswith("sources.jira.url")
    assert "secret" not in caught.value.what


def test_this_machine_too_needs_tls_where_the_settings_say_so() -> None:
    with pytest.raises(UsageError, match="not encrypted"):
        check_base("http://localhost:8080", "url", allow_http=False)


@pytest.mark.parametrize(
    "other",
    [
        "https://jira.example.com/rest?page=2",
        "HTTPS://JIRA.example.com:443/",
    ],
)
def test_one_origin_is_one_scheme_host_and_port(other: str) -> None:
    assert is_same_origin(HOME, other)


@pytest.mark.parametrize(
    "other",
    [
        "http://jira.example.com/",
        "https://jira.example.com:8443/",
        "https://jira.example.com.evil.example/",
        "https://evil.example/jira.example.com",
        "https://jira.example.com@evil.example/",
        "https://evil.example\\@jira.example.com/",
        "https://jira.example.com\\@evil.example/",
        "https://someone@jira.example.com/",
        "//jira.example.com/",
        "javascript:alert(1)",
        "",
    ],
)
def test_another_origin_is_told_apart(other: str) -> None:
    assert not is_same_origin(HOME, other)


def test_names_of_this_machine_are_different_hosts() -> None:
    assert not is_same_origin("http://localhost:80", "http://127.0.0.1:80")
    assert not is_same_origin("", "")


def test_a_host_is_shown_with_its_port_where_it_is_unusual() -> None:
    assert host_of("https://Jira.example.com:443/x?y") == "jira.example.com"
    assert host_of("https://jira.example.com:8443") == "jira.example.com:8443"
    assert host_of("http://[::1]:80/") == "[::1]"
    assert host_of("nowhere") == ""


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "jira.example.com", "10.0.0.1", "localhost.example.com"])
def test_other_machines_are_not_this_one(host: str) -> None:
    assert not is_loopback(host)
