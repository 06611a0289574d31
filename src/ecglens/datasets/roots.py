"""Recognition of the data set in a folder, by the marks on the cards."""

from __future__ import annotations

from pathlib import Path

from ecglens.datasets import DATASETS
from ecglens.datasets.card import DatasetCard
from ecglens.datasets.files import is_folder
from ecglens.errors import ConfigError, DatasetError


def check_root(root: Path, card: DatasetCard) -> None:
    """Refuse a folder that does not hold the data set of a card.

    Parameters
    ----------
    root
        Folder with the publisher's files.
    card
        Card of the data set; one without marks accepts any folder that is not empty.

    Raises
    ------
    DatasetError
        The folder is missing, empty, unreadable, or matches no mark of the card. The message names the registered data
        sets that it looks like.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from ecglens.datasets.georgia import CARD
    >>> root = Path(mkdtemp())
    >>> (root / "exams.csv").touch()
    >>> check_root(root, CARD)
    Traceback (most recent call last):
    ecglens.errors.DatasetError: Georgia...: /... does not hold it. It looks like code-15. Expected: ...
    """
    if not is_folder(root):
        raise DatasetError(f"{card.title}: there is no folder {root}. Expected: {card.layout}")
    try:
        empty = not any(root.iterdir())
    except OSError as error:
        raise DatasetError(
            f"{card.title}: {root} cannot be listed ({error.strerror}). Check its permissions."
        ) from error
    if empty:
        where = f"; download it from {card.url}" if card.url else ""
        raise DatasetError(f"{card.title}: {root} is empty. Expected: {card.layout}{where}")
    if card.marks and not _matches(root, card):
        found = recognise_root(root)
        hint = f" It looks like {' and '.join(found)}." if found else ""
        raise DatasetError(f"{card.title}: {root} does not hold it.{hint} Expected: {card.layout}")


def recognise_root(root: Path) -> list[str]:
    """Names of the registered data sets whose marks match a folder.

    Readers of other packages count as well; one that cannot be imported is skipped.
    """
    return [name for name in DATASETS.names() if (card := _card(name)) and _matches(root, card)]


def _card(name: str) -> DatasetCard | None:
    try:
        card = getattr(DATASETS.load(name), "card", None)
    except ConfigError:
        return None
    return card if isinstance(card, DatasetCard) else None


def _matches(root: Path, card: DatasetCard) -> bool:
    return any(next(root.glob(mark), None) for mark in card.marks)
