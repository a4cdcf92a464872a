/* python.exe: hands its arguments to Python's DLL, as python.org's own does. */
#include <wchar.h>
extern __declspec(dllimport) int Py_Main(int, wchar_t **);
int wmain(int count, wchar_t **words) { return Py_Main(count, words); }
