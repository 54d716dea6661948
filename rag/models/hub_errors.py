"""What the hub and the network raise, in one line with the next step. Connects to nothing."""

from urllib.parse import urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from rag.models.types import CatalogueModel, gigabytes

_BY_STATUS = {
    401: "asks for a login, which Pincite does not send: download the file with the hub's own tools, then use --model",
    403: "refuses the file (403): download it with the hub's own tools, then use --model",
    404: "has no such file any more (404): look for a newer Pincite, or download another and use --model",
    407: "is behind a proxy that asks for a login (407): give it in HTTPS_PROXY",
    429: "is asked too often from here (429): wait some minutes, then download it again",
}


def explain(error: Exception, model: CatalogueModel, kept: int) -> str:
    """Return one line for an exception of httpx2 or huggingface_hub; `kept` are the bytes that are here."""
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    if isinstance(error, OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE is set, so nothing can be downloaded: unset it, then download it again"
    if isinstance(error, HfHubHTTPError):
        return _of_status(error.response.status_code, model)
    if not isinstance(error, httpx2.TransportError) or isinstance(error, httpx2.UnsupportedProtocol):
        return f"the hub's address does not work ({_one_line(error)}): check HF_ENDPOINT"
    url = str(error.request.url) if _has_request(error) else ""
    return _of_network(error, url, model, kept)


def _of_status(status: int, model: CatalogueModel) -> str:
    known = _BY_STATUS.get(status, f"answers with an error ({status}): try again later")
    return f"the hub {known} ({model.repository}/{model.file})"


def _of_network(error: Exception, url: str, model: CatalogueModel, kept: int) -> str:
    host = urlsplit(url).hostname or "the hub"
    proxy = _proxy_of(url)
    way = f"through the proxy {proxy} " if proxy else ""
    check = (
        "check the proxy's address in HTTPS_PROXY" if proxy else "check the connection (behind a proxy: HTTPS_PROXY)"
    )
    what = f"{host} cannot be reached {way}({_one_line(error)}): {check}"
    if kept:
        return f"{what}; {gigabytes(kept)} of {model.file} are kept, download it again for the rest"
    return what


def _proxy_of(url: str) -> str:
    """The proxy that the environment sets for `url`, without its password; "" where it sets none."""
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme) or getproxies().get("all", "")
    if not proxy or proxy_bypass(parts.netloc):
        return ""
    found = urlsplit(proxy)
    return urlunsplit((found.scheme, found.netloc.rpartition("@")[2], "", "", "")) or proxy.rpartition("@")[2]


def _has_request(error: Exception) -> bool:
    try:
        return getattr(error, "request", None) is not None
    except RuntimeError:  # an httpx error that was raised before there was a request
        return False


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
