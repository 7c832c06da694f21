"""Accept or reject, and say why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from acqcore.model.state import Review
from cloudscope.views.combo import FocusedCombo
from cloudscope.views.form_fields import TextEdit
from cloudscope.views.labels import label, push_button

_WORDS = {
    Review.ACCEPTED: "Accepted",
    Review.REJECTED: "Rejected",
    Review.UNDECIDED: "Undecided",
}


class VerdictDialog(QDialog):
    """A verdict and a line of text that offers the reasons given before."""

    def __init__(
        self, what: str, review: Review, reason: str, known: Sequence[str], parent: QWidget
    ) -> None:
        """`what` is judged: the name of a recording, or how many there are."""
        super().__init__(parent)
        self.setWindowTitle("Verdict")
        self.setMinimumWidth(360)
        self._verdict = FocusedCombo()
        self._verdict.setAccessibleName("Verdict")
        self._verdict.setToolTip("Choose the verdict")
        for one, words in _WORDS.items():
            self._verdict.addItem(words, one)
        self._verdict.setCurrentIndex(list(_WORDS).index(review))
        self._reason = TextEdit()
        self._reason.setAccessibleName("Reason")
        self._reason.setToolTip("Say why, in words that can be filtered for")
        self._reason.set_suggestions(list(known))
        self._reason.show_value(reason)
        self._verdict.currentIndexChanged.connect(self._follow)
        self._lay_out(what)
        self._follow()
        self._reason.setFocus()

    @property
    def verdict(self) -> tuple[Review, str]:
        """What was chosen, and the reason without blanks around it."""
        chosen = list(_WORDS)[self._verdict.currentIndex()]
        return chosen, str(self._reason.typed()) if chosen is not Review.UNDECIDED else ""

    def _lay_out(self, what: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(label(f"Verdict on {what}", "title"))
        form = QGridLayout()
        form.setHorizontalSpacing(8)
        form.setVerticalSpacing(6)
        form.setColumnStretch(1, 1)
        rows = {"Verdict": self._verdict, "Reason": self._reason}
        for line, (words, field) in enumerate(rows.items()):
            name = label(words, "field")
            name.setBuddy(field)
            form.addWidget(name, line, 0)
            form.addWidget(field, line, 1)
        column.addLayout(form)
        column.addSpacing(6)
        buttons = QHBoxLayout()
        cancel = push_button("Cancel", "Change nothing (Esc)")
        done = push_button("Set Verdict", "Set verdict and reason (Enter)", "primary")
        cancel.clicked.connect(self.reject)
        done.clicked.connect(self.accept)
        done.setDefault(True)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(done)
        column.addLayout(buttons)

    def _follow(self) -> None:
        self._reason.setEnabled(self._verdict.currentData() is not Review.UNDECIDED)


def ask_verdict(
    parent: QWidget, what: str, review: Review, reason: str, known: Sequence[str]
) -> tuple[Review, str] | None:
    """Ask; None when nothing is to change."""
    dialog = VerdictDialog(what, review, reason, known, parent)
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return dialog.verdict if accepted else None
