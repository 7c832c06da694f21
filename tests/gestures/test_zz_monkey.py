import random, os
import pytest
from PySide6.QtCore import Qt, QPoint, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import *
from PySide6.QtGui import QDesktopServices
from time import perf_counter
KEYS=[Qt.Key(k) for k in (Qt.Key_Left,Qt.Key_Right,Qt.Key_Up,Qt.Key_Down,Qt.Key_Home,Qt.Key_End,Qt.Key_Return,Qt.Key_Escape,Qt.Key_Tab,Qt.Key_Backtab,Qt.Key_Delete,Qt.Key_Space,Qt.Key_Plus,Qt.Key_Minus,Qt.Key_A,Qt.Key_R,Qt.Key_V,Qt.Key_Z,Qt.Key_B,Qt.Key_F,Qt.Key_L,Qt.Key_1,Qt.Key_5,Qt.Key_0,Qt.Key_PageDown,Qt.Key_F6,Qt.Key_Period,Qt.Key_Backspace)]
MODS=[Qt.NoModifier]*6+[Qt.ShiftModifier,Qt.ControlModifier,Qt.AltModifier]
S=int(os.environ.get("SEED0","0")); N=int(os.environ.get("SEEDN","6"))
@pytest.mark.parametrize("seed", range(S,S+N))
def test_monkey(user, window, folder, two_channels, monkeypatch, seed, qtbot):
    monkeypatch.setattr(QFileDialog,"getOpenFileNames",lambda *a,**k:([],""))
    monkeypatch.setattr(QFileDialog,"getExistingDirectory",lambda *a,**k:"")
    monkeypatch.setattr(QDesktopServices,"openUrl",lambda *a:True)
    (folder/"bad.tif").write_bytes(b"x")
    user.open(folder, two_channels)
    monkeypatch.setattr(type(window),"close",lambda self:None)
    dice=random.Random(seed)
    log=[]
    def dismiss():
        for _ in range(5):
            w=QApplication.activePopupWidget() or QApplication.activeModalWidget()
            if w is None: break
            w.close()
        for w in QApplication.topLevelWidgets():
            if isinstance(w,QDialog) and w.isVisible(): w.close()
    timer=QTimer(); timer.timeout.connect(dismiss); timer.start(300)
    t0=perf_counter(); n=0
    skip={"open_demo","quit","close"}
    try:
      while perf_counter()-t0<9:
        n+=1
        what=dice.random()
        if what<0.35:
            f=QApplication.focusWidget() or window
            k=dice.choice(KEYS); m=dice.choice(MODS)
            log.append(("key",k,m,type(f).__name__)); QTest.keyClick(f,k,m)
        elif what<0.6:
            p=QPoint(dice.randint(0,window.width()-1),dice.randint(30,window.height()-1))
            w=window.childAt(p)
            if w is None or isinstance(w,(QMenuBar,)): continue
            q=w.mapFrom(window,p)
            b=dice.choice([Qt.LeftButton]*5+[Qt.RightButton,Qt.MiddleButton])
            log.append(("click",p,b,type(w).__name__,w.toolTip() if isinstance(w,QAbstractButton) else ""))
            if dice.random()<0.15: QTest.mouseDClick(w,b,pos=q)
            else: QTest.mouseClick(w,b,pos=q)
        elif what<0.8:
            p=QPoint(dice.randint(285,980),dice.randint(80,700)); w=window.childAt(p)
            if w is None: continue
            q=w.mapFrom(window,p); e=q+QPoint(dice.randint(-300,300),dice.randint(-200,200))
            log.append(("drag",p,e,type(w).__name__)); user.drag(w,q,e,steps=3)
        elif what<0.9:
            p=QPoint(dice.randint(0,window.width()-1),dice.randint(80,700)); w=window.childAt(p)
            if w is None: continue
            user.wheel(w,w.mapFrom(window,p),dice.choice((-2,1,2)),dice.choice(MODS))
        else:
            a=dice.choice([x for i,x in window.actions_by_id.items() if i not in skip])
            log.append(("action",a.objectName())); 
            if a.isEnabled(): a.trigger()
        if dice.random()<0.3: QApplication.processEvents()
    except BaseException:
        for one in log[-12:]: print(one)
        raise
    timer.stop(); dismiss()
    if window.isFullScreen(): window.showNormal()
    user.wait()
    dismiss()
    for one in log[-5:]: print(one)
    if window.session.images and user.image:
        assert [i.roi for i in window.view.kymograph._layer.items]==list(user.image.rois)
        x=window.view.kymograph.visible; h=user.image.header
        assert 0<=x[0]<x[1]<=h.size("Y")+1e-6 and 0<=x[2]<x[3]<=h.size("X")+1e-6
    while window.controller.undo_stack.canUndo(): window.controller.undo_stack.undo()
    user.wait()
