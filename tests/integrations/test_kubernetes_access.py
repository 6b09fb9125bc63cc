"""Which cluster is reached, and as whom: settings, a kubeconfig, the account of our own pod."""

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from mendwheel.integrations.senses import kubernetes_access
from mendwheel.integrations.senses.kubernetes import PODS, read
from mendwheel.integrations.senses.kubernetes_access import access
from mendwheel.ports import SenseError
from mendwheel.settings import Settings
from tests.integrations.sense_site import Site, certified, says


@pytest.fixture(autouse=True)
def _no_cluster_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)


def _config(user: dict[str, Any], server: str = "http://127.0.0.1:1", **cluster: Any) -> str:
    return json.dumps(
        {
            "current-context": "here",
            "contexts": [
                {"name": "here", "context": {"cluster": "c", "user": "u"}},
                {"name": "there", "context": {"cluster": "c", "user": "other"}},
            ],
            "clusters": [{"name": "c", "cluster": {"server": server, **cluster}}],
            "users": [
                {"name": "u", "user": user},
                {"name": "other", "user": {"token": "other-token"}},
            ],
        }
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config"


def _by(file: Path, **more: Any) -> Settings:
    return Settings(kubernetes_namespaces=["shop"], kubernetes_kubeconfig=file, **more)


def test_the_context_in_use_or_the_named_one_counts(file: Path) -> None:
    file.write_text(_config({"token": "mine"}))
    assert access(_by(file)).token == "mine"
    assert access(_by(file, kubernetes_context="there")).token == "other-token"
    with pytest.raises(SenseError, match="no context 'gone'"):
        access(_by(file, kubernetes_context="gone"))


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="YAML is read by kubectl")
def test_a_kubeconfig_in_yaml_is_read(file: Path) -> None:
    file.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: here\n"
        "contexts: [{name: here, context: {cluster: c, user: u}}]\n"
        "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:7'}}]\n"
        "users: [{name: u, user: {token: mine}}]\n"
    )
    assert (access(_by(file)).token, access(_by(file)).url) == ("mine", "http://127.0.0.1:7")


def test_a_program_in_a_kubeconfig_is_never_run(file: Path, tmp_path: Path) -> None:
    note = tmp_path / "ran"
    file.write_text(_config({"exec": {"command": "touch", "args": [str(note)]}}))
    with pytest.raises(SenseError, match="runs a program for a token, which is not done"):
        access(_by(file))
    assert not note.exists()


def test_certificates_are_always_checked(file: Path) -> None:
    file.write_text(_config({"token": "t"}, **{"insecure-skip-tls-verify": True}))
    with pytest.raises(SenseError, match="turns the check of certificates off"):
        access(_by(file))


def test_authority_and_client_certificate_come_from_the_kubeconfig(
    file: Path, tmp_path: Path
) -> None:
    server, _ = certified(tmp_path, days=30)
    crt, key = (
        base64.b64encode((tmp_path / name).read_bytes()).decode() for name in ("crt", "key")
    )
    user = {"client-certificate-data": crt, "client-key-data": key}
    with Site(server).running() as site:
        site.routes["/api/v1/namespaces/shop/pods"] = says('{"items": [{}]}')
        file.write_text(_config(user, site.url, **{"certificate-authority": "crt"}))
        assert read(access(_by(file)), "shop", PODS) == [{}]
        file.write_text(_config(user, site.url))
        with pytest.raises(SenseError, match="self-signed certificate"):
            read(access(_by(file)), "shop", PODS)


def test_in_a_pod_the_service_account_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certified(tmp_path, days=30)
    (tmp_path / "crt").rename(tmp_path / "ca.crt")
    (tmp_path / "token").write_text("from-the-pod\n")
    monkeypatch.setattr(kubernetes_access, "ACCOUNT", tmp_path)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    found = access(Settings(kubernetes_namespaces=["shop"]))
    assert (found.url, found.token) == ("https://10.0.0.1:443", "from-the-pod")
    assert "from-the-pod" not in repr(found)


def test_no_cluster_at_all_is_one_line_with_a_way_out() -> None:
    with pytest.raises(SenseError, match="set kubernetes_kubeconfig or kubernetes_url"):
        access(Settings(kubernetes_namespaces=["shop"]))
