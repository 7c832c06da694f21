"""One sentence under the head strip: what happened, to what, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cloudscope.theme import Theme
from cloudscope.views.labels import ElidedLabel, label, push_button, restyle, tool_button

Kind = Literal["info", "ok", "warn", "err"]
Action = tuple[str, Callable[[], None]]

SECONDS_SHOWN = 6
"""How long a message of kind info or ok stays."""

_WORST_FIRST: tuple[Kind, ...] = ("err", "warn", "ok", "info")
_ICONS: dict[Kind, tuple[str, str, str]] = {
    "info": ("info", "accent", "Note"),
    "ok": ("accept", "ok", "Done"),
    "warn": ("warning", "warn", "Warning"),
    "err": ("error", "err", "Failure"),
}


class _Message:
    """One message that waits or is shown; compared by identity."""

    def __init__(self, kind: Kind, text: str, actions: Sequence[Action]) -> None:
        self.kind, self.text, self.actions = kind, text, tuple(actions)

    @property
    def is_transient(self) -> bool:
        """Whether it goes by itself."""
        return self.kind in ("info", "ok")


class MessageBar(QFrame):
    """Shows the worst of the waiting messages; hidden when there is none.

    Info and ok go after a few seconds, warn and err stay until closed or acted upon.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.wording: Callable[[str], str] = str  # leaves out what must not be told
        self._waiting: list[_Message] = []
        self._shown: _Message | None = None
        self._shown_actions: list[QAbstractButton] = []
        self._list: QFrame | None = None
        self.setObjectName("msg")
        self._icon = QLabel()
        self._text = ElidedLabel()
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._more = push_button("", "Show the other messages", "quiet")
        self._close = tool_button(theme, "close", "Close this message", 14)
        self._more.clicked.connect(self._open_list)
        self._close.clicked.connect(self._close_shown)
        row = QHBoxLayout(self)
        row.setContentsMargins(13, 0, 7, 0)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addLayout(self._buttons)
        row.addWidget(self._more)
        row.addWidget(self._close)
        theme.changed.connect(self._recolor)
        self._recolor()
        self.hide()

    # --- for the window ---------------------------------------------------------------

    def show_message(self, kind: Kind, text: str, actions: Sequence[Action] = ()) -> None:
        """Show one sentence, or let it wait behind a worse one.

        `actions` are at most two titles with what they do; doing one closes the message.
        The same sentence again takes the place of the first.
        """
        text = self.wording(text)
        self._waiting = [one for one in self._waiting if (one.kind, one.text) != (kind, text)]
        message = _Message(kind, text, actions)
        # The newest comes first among equals.
        self._waiting.insert(0, message)
        if message.is_transient:
            QTimer.singleShot(SECONDS_SHOWN * 1000, self, lambda: self._drop(message))
        self._show_worst()

    def clear(self) -> None:
        """Forget all messages."""
        self._waiting.clear()
        self._show_worst()

    @property
    def text(self) -> str:
        """The sentence on screen, or empty."""
        return self._shown.text if self._shown else ""

    # --- inside -----------------------------------------------------------------------

    def _drop(self, message: _Message) -> None:
        if message in self._waiting:
            self._waiting.remove(message)
            self._show_worst()

    def _close_shown(self) -> None:
        if self._shown:
            self._drop(self._shown)

    def _show_worst(self) -> None:
        self._waiting.sort(key=lambda one: _WORST_FIRST.index(one.kind))
        worst = self._waiting[0] if self._waiting else None
        self._more.setText(f"{len(self._waiting) - 1} more")
        self._more.setVisible(len(self._waiting) > 1)
        if worst is not self._shown:
            self._shown = worst
            self._paint_shown()
        self.setVisible(worst is not None)

    def _paint_shown(self) -> None:
        if self._list is not None:
            self._list.close()
        for button in self._shown_actions:
            button.hide()
            button.deleteLater()
        self._shown_actions = []
        if self._shown is None:
            return
        message = self._shown
        self.setProperty("kind", message.kind)
        restyle(self)
        self._text.setText(message.text)
        self.setAccessibleName(f"{_ICONS[message.kind][2]}: {message.text}")
        self._shown_actions = self._action_buttons(message)
        for button in self._shown_actions:
            self._buttons.addWidget(button)
        self._recolor()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _action_buttons(self, message: _Message) -> list[QAbstractButton]:
        made: list[QAbstractButton] = []
        for title, act in message.actions:
            button = push_button(title, title.rstrip("…"), "quiet")
            button.clicked.connect(lambda _=False, act=act: self._act(message, act))
            made.append(button)
        return made

    def _act(self, message: _Message, act: Callable[[], None]) -> None:
        self._drop(message)
        act()

    def _recolor(self) -> None:
        self.setFixedHeight(self._theme.px(32))
        if self._shown:
            self._icon.setPixmap(_icon_of(self._theme, self._shown.kind))

    def _open_list(self) -> None:
        """All messages but the one on screen, in a frame under the button."""
        frame = QFrame(self, Qt.WindowType.Popup)
        frame.setObjectName("popup")
        frame.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rows = QVBoxLayout(frame)
        rows.setContentsMargins(10, 8, 10, 8)
        for message in self._waiting[1:]:
            rows.addLayout(self._list_row(frame, message))
        frame.setFixedWidth(min(max(self.width(), 320), 560))
        frame.adjustSize()
        corner = QPoint(self.width() - frame.width(), self.height())
        frame.move(self.mapToGlobal(corner))
        frame.destroyed.connect(self._forget_list)
        self._list = frame
        frame.show()

    def _list_row(self, frame: QFrame, message: _Message) -> QHBoxLayout:
        icon = QLabel()
        icon.setPixmap(_icon_of(self._theme, message.kind))
        icon.setFixedHeight(self._theme.px(24))
        sentence = label(message.text)
        sentence.setWordWrap(True)
        sentence.setMinimumHeight(self._theme.px(24))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(sentence, 1, Qt.AlignmentFlag.AlignTop)
        close = tool_button(self._theme, "close", "Close this message", 14)
        for button in (*self._action_buttons(message), close):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
            button.clicked.connect(frame.close)
        close.clicked.connect(lambda: self._drop(message))
        return row

    def _forget_list(self) -> None:
        self._list = None


def _icon_of(theme: Theme, kind: Kind) -> QPixmap:
    name, token, _ = _ICONS[kind]
    return theme.pixmap(name, theme.px(16), token)
