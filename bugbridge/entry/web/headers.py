"""What browsers are told of every page: nothing runs, loads or frames it but what is ours."""

from collections.abc import Mapping, Sequence

_OURS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)


def page_headers(framed_by: Sequence[str] = ()) -> Mapping[str, str]:
    """Give the headers of a page that only these origins may show in a frame, nobody for none."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": _OURS.format(ancestors=" ".join(framed_by) or "'none'"),
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return headers if framed_by else {**headers, "X-Frame-Options": "DENY"}
