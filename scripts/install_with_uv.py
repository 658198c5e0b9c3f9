"""Install this project with uv, from the index, the proxy and the certificates that pip is set to.

scripts/setup.sh calls this with the requirement (``.`` or ``.[dev]``). uv does in seconds what takes pip minutes, but
it reads none of pip's settings, so each of them is translated. Where one cannot be translated, or uv fails, one line
says so and the exit status is 1: pip then installs. Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import ast
import ipaddress
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, url2pathname

ROOT = Path(__file__).parent.parent
CONSTRAINTS = ROOT / "constraints.txt"

ALIASES = {"pypi-url": "index-url", "default-timeout": "timeout"}
"""Two names of one option."""

WITHOUT_EFFECT = frozenset(
    {
        *("break-system-packages", "require-virtualenv"),  # the packages go into an environment of their own
        *("compile", "no-compile", "src", "exists-action"),  # nothing here depends on them
        *("config-file", "debug", "disable-pip-version-check", "log", "no-color", "no-input", "progress-bar"),
        *("no-python-version-warning", "no-warn-conflicts", "no-warn-script-location", "root-user-action"),
        *("quiet", "verbose"),
        "prefer-binary",  # constraints.txt leaves one version of each package
        "resume-retries",  # uv resumes nothing: it starts a broken download again, ``retries`` times
    }
)
"""Settings of pip that change nothing in what is installed here, or only what pip prints."""

TRANSLATED = frozenset(
    {
        *("index-url", "extra-index-url", "no-index", "find-links", "trusted-host"),
        *("constraint", "build-constraint", "only-binary", "no-binary"),
        *("cert", "client-cert", "proxy", "timeout", "retries", "keyring-provider", "cache-dir", "no-cache-dir"),
        *("use-feature", "use-deprecated"),
    }
)

OWN_VARIABLES = ("UV_CACHE_DIR", "UV_LINK_MODE", "UV_NO_CACHE")
"""What uv still takes from the user: where it keeps files. All else comes from pip's settings, as for pip itself."""

PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy")

UV_CACHE_BYTES = 8_000_000_000
"""What uv keeps unpacked: 6.7 GB of packages, and room for one archive while it is being unpacked."""


class NotForUvError(Exception):
    """A setting of pip that uv cannot honour, in words that complete "pip installs instead of uv: …"."""


@dataclass(frozen=True, slots=True)
class UvCall:
    """How uv is called so that it does what pip would do."""

    environment: dict[str, str]
    options: tuple[str, ...] = ()


def read_settings(listed: str) -> dict[str, str]:
    """Give the settings of ``pip install`` by name from what ``pip config list`` prints.

    The environment overrides the section ``[install]``, and that one ``[global]``. pip has merged the files already.
    pip ignores a setting without a value.
    """
    sections: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in listed.splitlines():
        found = re.fullmatch(r"(global|install|:env:)\.([\w.-]+)=(['\"].*)", line)
        if found is not None and (value := str(ast.literal_eval(found[3])).strip()):
            sections[found[1]][ALIASES.get(found[2], found[2])] = value
    return sections["global"] | sections["install"] | sections[":env:"]


def is_on(settings: Mapping[str, str], name: str) -> bool:
    """Say whether a setting is there and switched on, in any of pip's spellings."""
    return settings.get(name, "").lower() in {"y", "yes", "t", "true", "on", "1"}


def local_path(location: str) -> Path | None:
    """Give the path of a location on this disk, None for an address on the network."""
    parts = urlsplit(location)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path))
    return None if parts.scheme else Path(location).expanduser()


def is_secure(location: str, trusted: Iterable[str]) -> bool:
    """Say whether pip would use this location: one without encryption only if its host is trusted or this machine."""
    parts = urlsplit(location)
    if parts.scheme != "http":
        return True
    host = parts.hostname or ""
    if host == "localhost" or {host, f"{host}:{parts.port}"} & set(trusted):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_usable(location: str, trusted: Iterable[str]) -> bool:
    """Say whether pip would look there. pip goes on without a folder that is missing, uv may fail."""
    path = local_path(location)
    return is_secure(location, trusted) if path is None else path.exists()


def index_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Give the variables that name the indexes and the folders of packages.

    Raises:
        NotForUvError: If the index cannot be used, or a place has a form that uv does not know.
    """
    trusted = settings.get("trusted-host", "").split()
    if any("*" in host for host in trusted):
        raise NotForUvError("pip's setting trusted-host has a wildcard")
    index = "" if is_on(settings, "no-index") else settings.get("index-url", "")
    if index and not is_usable(index, trusted):
        raise NotForUvError("pip's setting index-url names a place that is missing or not trusted")
    extra = [one for one in settings.get("extra-index-url", "").split() if is_usable(one, trusted)]
    links = [one for one in settings.get("find-links", "").split() if is_usable(one, trusted)]
    if any("," in one or ((path := local_path(one)) is not None and not path.is_dir()) for one in links):
        raise NotForUvError("pip's setting find-links names something other than a folder or a page")
    return {
        "UV_DEFAULT_INDEX": index,
        "UV_INDEX": " ".join(extra),
        "UV_FIND_LINKS": ",".join(links),
        "UV_INSECURE_HOST": " ".join(trusted),
        # pip takes the best version that any index has. uv on its own takes the first index that has the package in
        # any version, and then finds that a mirror with few packages lacks the pinned one.
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def certificate_variables(settings: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Give the variables that name the certificates: a file or folder if one is set, or else what pip uses itself."""
    bundle = settings.get("cert") or environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE")
    client = {"SSL_CLIENT_CERT": settings["client-cert"]} if "client-cert" in settings else {}
    if bundle:
        is_folder = Path(bundle).is_dir()
        return {"SSL_CERT_FILE": "" if is_folder else bundle, "SSL_CERT_DIR": bundle if is_folder else "", **client}
    features, deprecated = settings.get("use-feature", ""), settings.get("use-deprecated", "")
    is_recent = tuple(int(part) for part in version("pip").split(".")[:2]) >= (24, 2)
    uses_system = (is_recent and "legacy-certs" not in deprecated) or "truststore" in features
    return {"UV_SYSTEM_CERTS": "true", **client} if uses_system else client


def proxy_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Give the variables that name the proxy: pip's own for every address, or else those of the system."""
    if "proxy" in settings:
        proxy = settings["proxy"]
        proxy = proxy if "://" in proxy else f"http://{proxy}"  # pip takes a host and a port too
        proxies = dict.fromkeys(PROXY_VARIABLES, proxy) | {"no_proxy": ""}
    else:
        found = getproxies()  # as pip finds them: on macOS in the system's preferences too
        proxies = {name: found[kind] for name in PROXY_VARIABLES if (kind := name.removesuffix("_proxy")) in found}
    return proxies | {name.upper(): value for name, value in proxies.items()}


def download_variables(settings: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Give the variables for timeouts, credentials and the cache.

    Raises:
        NotForUvError: If credentials come from where uv cannot ask.
    """
    variables: dict[str, str] = {}
    if "timeout" in settings:
        variables["UV_HTTP_TIMEOUT"] = str(math.ceil(float(settings["timeout"])))
    if "retries" in settings:
        variables["UV_HTTP_RETRIES"] = settings["retries"]
    match settings.get("keyring-provider", "auto"):
        case "subprocess":
            variables["UV_KEYRING_PROVIDER"] = "subprocess"
        case "import":
            raise NotForUvError("pip's setting keyring-provider is 'import', which uv does not have")
    if "no-cache-dir" in settings:  # pip takes any value for yes
        variables["UV_NO_CACHE"] = "true"
    if "cache-dir" in settings and "UV_CACHE_DIR" not in environ:
        variables["UV_CACHE_DIR"] = str(Path(settings["cache-dir"]).expanduser() / "uv")
    return variables


def options(settings: Mapping[str, str]) -> tuple[str, ...]:
    """Give the settings that uv takes on its command line."""
    found = ["--no-index"] if is_on(settings, "no-index") else []
    for name in ("constraint", "build-constraint"):
        found += [f"--{name}s={path}" for path in settings.get(name, "").split()]
    for name in ("only-binary", "no-binary"):
        found += [f"--{name}={package}" for package in settings.get(name, "").replace(",", " ").split()]
    return tuple(found)


def translate(settings: Mapping[str, str], environ: Mapping[str, str]) -> UvCall:
    """Give the environment and the options with which uv does what pip would do with these settings.

    Addresses stay in the environment: they may hold passwords, and everybody can read a command line.

    Raises:
        NotForUvError: If uv cannot honour one of them.
    """
    unknown = sorted(settings.keys() - TRANSLATED - WITHOUT_EFFECT)
    if unknown:
        raise NotForUvError(f"pip's setting {unknown[0]} has no counterpart")
    others = set(f"{settings.get('use-feature', '')} {settings.get('use-deprecated', '')}".split())
    if others - {"truststore", "legacy-certs"}:
        raise NotForUvError("pip's settings use-feature and use-deprecated change how it resolves")
    variables = {
        **{name: value for name, value in environ.items() if not name.startswith("UV_") or name in OWN_VARIABLES},
        **index_variables(settings),
        **certificate_variables(settings, environ),
        **proxy_variables(settings),
        **download_variables(settings, environ),
        "UV_NO_CONFIG": "true",  # a uv.toml may name another index
    }
    return UvCall({name: value for name, value in variables.items() if value}, options(settings))


def pip(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the pip of this environment and keep what it prints."""
    command = [sys.executable, "-m", "pip", *arguments, "--disable-pip-version-check"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def pinned_uv() -> str:
    """Give the line of constraints.txt for uv."""
    return next(line for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines() if line.startswith("uv=="))


def bring_uv() -> Path:
    """Install the pinned uv next to pip, and return its path.

    Raises:
        NotForUvError: If the index has none for this machine.
    """
    if pip("install", "--quiet", "--only-binary=uv", pinned_uv()).returncode != 0:
        raise NotForUvError(f"the package index does not give {pinned_uv()} for this machine")
    return Path(sys.executable).parent / "uv"


def require_room(uv: Path, call: UvCall) -> None:
    """Check the disk that uv's cache is on, if it is another one than the environment's, which setup.sh has checked.

    Raises:
        NotForUvError: If the packages do not fit there.
    """
    cache = Path(subprocess.check_output([str(uv), "cache", "dir"], env=call.environment, text=True).strip())
    there = next(folder for folder in (cache, *cache.parents) if folder.is_dir())
    status = os.statvfs(there)
    free = status.f_bavail * status.f_frsize
    is_full_already = (cache / "archive-v0").is_dir()  # what an earlier run kept needs no room again
    if there.stat().st_dev != ROOT.stat().st_dev and free < UV_CACHE_BYTES and not is_full_already:
        raise NotForUvError(f"{free // 1_000_000} MB are free for its cache in {there}, and it needs 8000 MB")


def install(requirement: str) -> None:
    """Install this project and what it needs.

    Raises:
        NotForUvError: If uv cannot do it.
    """
    listed = pip("config", "-vvv", "list")  # -vvv, because pip prints no list where it is set to be quiet
    if listed.returncode != 0:
        raise NotForUvError("pip does not list its settings")
    call = translate(read_settings(listed.stdout), os.environ)
    uv = bring_uv()
    require_room(uv, call)
    # Unlike pip, uv leaves it to Python to compile what is imported: all 15,000 modules would take most of the time.
    command = [str(uv), "pip", "install", "--python", sys.executable, *call.options]
    command += ["--constraints", str(CONSTRAINTS), "--editable", requirement]
    if subprocess.run(command, cwd=ROOT, env=call.environment, check=False).returncode != 0:
        raise NotForUvError("it failed, and the lines above say why")


def main() -> int:
    """Install, or say in one line why uv does not."""
    try:
        install(sys.argv[1])
    except (NotForUvError, ValueError, OSError, subprocess.SubprocessError) as error:
        print(f"cuemark: pip installs instead of uv: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
