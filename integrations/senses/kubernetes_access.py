"""How to reach a cluster: settings, a kubeconfig, or the service account of our own pod.

A kubeconfig may name a program to get a token from. Such programs are never run: what a file says
must not become a process of ours.
"""

import base64
import binascii
import json
import os
import shutil
import ssl
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mendwheel.ports import SenseError
from mendwheel.settings import Settings

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
KUBECTL_WITHIN = 5.0


@dataclass(frozen=True)
class Access:
    """`token` may be empty, where a client certificate in `context` says who we are."""

    url: str
    context: ssl.SSLContext | None
    token: str = field(repr=False)
    where: str


def access(settings: Settings) -> Access:
    """Raises SenseError: nothing is configured, or it cannot be used as it is."""
    if settings.kubernetes_url:
        secret = settings.kubernetes_token
        token = secret.get_secret_value() if secret else ""
        context = _trust(settings.kubernetes_ca)
        return Access(settings.kubernetes_url.rstrip("/"), context, token, "kubernetes_url")
    path = kubeconfig(settings)
    if path is not None:
        return _from_config(_read(path, settings.kubernetes_context), path)
    host = os.environ.get("KUBERNETES_SERVICE_HOST", "")
    if host and (ACCOUNT / "token").is_file():
        token = (ACCOUNT / "token").read_text("utf-8").strip()
        port = os.environ.get("KUBERNETES_SERVICE_PORT", "443")
        address = f"https://{f'[{host}]' if ':' in host else host}:{port}"
        return Access(address, _trust(ACCOUNT / "ca.crt"), token, "the pod's service account")
    raise SenseError("kubernetes: no cluster is known: set kubernetes_kubeconfig or kubernetes_url")


def kubeconfig(settings: Settings) -> Path | None:
    """The file that counts, if it is there. Raises SenseError: it was named, and is not there."""
    if settings.kubernetes_kubeconfig:
        path = settings.kubernetes_kubeconfig.expanduser()
        if not path.is_file():
            raise SenseError(f"kubernetes: {path} is not there: correct kubernetes_kubeconfig")
        return path
    named = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0]
    path = Path(named or os.path.expanduser("~/.kube/config"))
    return path if path.is_file() else None


def _read(path: Path, context: str) -> dict[str, Any]:
    """The one context in use, with certificates within it."""
    try:
        data = json.loads(path.read_bytes())  # every JSON file is YAML: some are written so
        return _chosen(data, context)
    except OSError as error:
        raise SenseError(f"kubernetes: {path}: {error.strerror}: make it readable") from None
    except ValueError:
        return _by_kubectl(path, context)


def _by_kubectl(path: Path, context: str) -> dict[str, Any]:
    """kubectl reads YAML for us; `config view` asks no cluster and runs no program."""
    program = shutil.which("kubectl")
    if program is None:
        raise SenseError(
            f"kubernetes: {path} is read by kubectl, which is missing: install it, or set "
            "kubernetes_url and kubernetes_token"
        )
    command = [program, "config", "view", "--raw", "--flatten", "-o", "json"]
    env = {"KUBECONFIG": str(path.absolute()), "PATH": os.environ.get("PATH", "")}
    try:
        done = subprocess.run(  # noqa: S603  # no shell, and no word of a ticket
            command, env=env, capture_output=True, timeout=KUBECTL_WITHIN, check=True
        )
        return _chosen(json.loads(done.stdout), context)
    except (subprocess.SubprocessError, OSError, ValueError):
        raise SenseError(f"kubernetes: kubectl cannot read {path}: correct the file") from None


def _chosen(config: Any, wanted: str) -> dict[str, Any]:
    config = config if isinstance(config, dict) else {}
    name = wanted or config.get("current-context") or ""
    context = _named(config.get("contexts"), name, "context")
    cluster = _named(config.get("clusters"), context.get("cluster"), "cluster")
    return {"cluster": cluster, "user": _named(config.get("users"), context.get("user"), "user")}


def _named(entries: Any, name: Any, kind: str) -> dict[str, Any]:
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and entry.get("name") == name:
            found = entry.get(kind)
            return found if isinstance(found, dict) else {}
    raise SenseError(f"kubernetes: no {kind} {name!r} in the kubeconfig: set kubernetes_context")


def _from_config(config: dict[str, Any], path: Path) -> Access:
    cluster, user = config["cluster"], config["user"]
    if cluster.get("insecure-skip-tls-verify"):
        raise SenseError(f"kubernetes: {path} turns the check of certificates off: give a CA")
    token = str(user.get("token") or "")
    if not token and (file := user.get("tokenFile")):
        token = _bytes(user, "", str(file), path).decode("utf-8", "replace").strip()
    certified = "client-certificate-data" in user or "client-certificate" in user
    if not token and not certified:
        way = "runs a program for a token, which is not done" if "exec" in user else "has no token"
        raise SenseError(
            f"kubernetes: the user in {path} {way}: set kubernetes_url and kubernetes_token"
        )
    context = ssl.create_default_context()
    if authority := _pem(cluster, "certificate-authority", path):
        context.load_verify_locations(cadata=authority.decode("ascii", "replace"))
    if certified and not token:
        _present(context, _pem(user, "client-certificate", path), _pem(user, "client-key", path))
    return Access(str(cluster.get("server") or "").rstrip("/"), context, token, str(path))


def _pem(entry: dict[str, Any], name: str, path: Path) -> bytes:
    return _bytes(entry, f"{name}-data", str(entry.get(name) or ""), path)


def _bytes(entry: dict[str, Any], inline: str, file: str, path: Path) -> bytes:
    try:
        if inline in entry:
            return base64.b64decode(entry[inline])
        return (path.parent / file).read_bytes() if file else b""
    except (OSError, binascii.Error, TypeError):
        raise SenseError(
            f"kubernetes: {inline or file} in {path} cannot be read: mend it"
        ) from None


def _present(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """The standard library takes a client certificate from files only; they are gone at once."""
    with tempfile.TemporaryDirectory() as folder:
        chain, private = Path(folder, "crt"), Path(folder, "key")
        chain.write_bytes(certificate)
        private.touch(mode=0o600)
        private.write_bytes(key)
        try:
            context.load_cert_chain(chain, private)
        except ssl.SSLError:
            raise SenseError("kubernetes: the client certificate does not hold: renew it") from None


def _trust(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca.expanduser()) if ca else None)
    except OSError:
        raise SenseError(f"kubernetes: {ca} is no CA certificate: correct kubernetes_ca") from None
