; The set-up: asks a running PayDesk to close, lets Windows Installer install the MSI, and opens PayDesk again.
; makensis -DVERSION=0.1.0 -DSCOPE=machine -DMSI=file.msi -DOUT=file.exe -DICON=file.ico paydesk.nsi
; Silent: /S. Exit code 0: installed. 3: a charge is running, and nothing was changed. Else Windows Installer's.
Target amd64-unicode
!include LogicLib.nsh
!include FileFunc.nsh
Name "PayDesk ${VERSION}"
OutFile "${OUT}"
Icon "${ICON}"
SetCompress off ; the MSI is compressed
!if ${SCOPE} == "machine"
  RequestExecutionLevel admin
  !define FOLDER "$PROGRAMFILES64\PayDesk"
!else
  RequestExecutionLevel user
  !define FOLDER "$LOCALAPPDATA\Programs\PayDesk"
!endif
ManifestDPIAware true
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "PayDesk"
VIAddVersionKey FileDescription "PayDesk setup"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey LegalCopyright "MIT license"
ShowInstDetails show
Page instfiles

Var Running ; 1 if PayDesk was open

Section
  ; Without /F, taskkill only asks: PayDesk waits for the answer of a charge before it closes. 128: none is open.
  StrCpy $Running 0
  StrCpy $2 0
  ${Do}
    nsExec::Exec '"$SYSDIR\taskkill.exe" /IM paydesk.exe'
    Pop $1
    ${If} $1 = 128
      ${ExitDo}
    ${EndIf}
    ${If} $Running = 0
      StrCpy $Running 1
      DetailPrint "PayDesk is open. It closes as soon as no charge is running."
    ${EndIf}
    ${If} $2 >= 120
      SetErrorLevel 3
      Abort "PayDesk is still open, perhaps with a charge running. Nothing was changed. Close it and start again."
    ${EndIf}
    Sleep 1000
    IntOp $2 $2 + 1
  ${Loop}
  InitPluginsDir
  SetOutPath $PLUGINSDIR
  File "/oname=$PLUGINSDIR\paydesk.msi" "${MSI}"
  ExecWait '"$SYSDIR\msiexec.exe" /i "$PLUGINSDIR\paydesk.msi" /qn /norestart' $1
  ${If} $1 <> 0
  ${AndIf} $1 <> 3010
    SetErrorLevel $1
    Abort "Windows Installer could not install PayDesk (error $1). Nothing was changed."
  ${EndIf}
  ${If} $Running = 1
    Exec '"${FOLDER}\paydesk.exe"'
  ${EndIf}
SectionEnd
