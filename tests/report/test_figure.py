import base64

from ecglens.report.figure import Picture


def test_a_picture_is_a_data_uri() -> None:
    head, _, data = Picture("t", "c", "svg+xml", 100, b"<svg/>").uri.partition(",")
    assert head == "data:image/svg+xml;base64"
    assert base64.b64decode(data) == b"<svg/>"
