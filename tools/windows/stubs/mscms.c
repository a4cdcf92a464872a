/* Windows' color management: no display has a profile. Wine 10 lacks WcsCreateIccProfile. */
#define API __declspec(dllexport)
enum { NOT_IMPLEMENTED = 0x80004001 };
API void *OpenColorProfileW(void *a, unsigned b, unsigned c, unsigned d) { return 0; }
API void *WcsOpenColorProfileW(void *a, void *b, void *c, unsigned d, unsigned e, unsigned f, unsigned g) { return 0; }
API void *WcsCreateIccProfile(void *a, unsigned b) { return 0; }
API int CloseColorProfile(void *a) { return 1; }
API int GetColorProfileFromHandle(void *a, void *b, unsigned *c) { return 0; }
API int ColorProfileGetDisplayDefault(void) { return NOT_IMPLEMENTED; }
API int WcsGetDefaultColorProfile(void) { return 0; }
API int WcsGetDefaultColorProfileSize(void) { return 0; }
API int GetColorDirectoryW(void) { return 0; }
int __stdcall DllMain(void *module, unsigned why, void *reserved) { return 1; }
