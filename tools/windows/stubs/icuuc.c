/* Windows' own icuuc.dll, which Wine 10 lacks: it knows no text encoding. Qt then uses its own. */
#define API __declspec(dllexport)
enum { NOT_FOUND = 4, INVALID = 1 };
API void *ucnv_open(const char *name, int *error) { if (error) *error = NOT_FOUND; return 0; }
API const char *ucnv_getName(void *one, int *error) { if (error) *error = INVALID; return 0; }
API const char *ucnv_getStandardName(const char *a, const char *b, int *error) { if (error) *error = INVALID; return 0; }
API const char *ucnv_getAvailableName(int number) { return 0; }
API int ucnv_countAvailable(void) { return 0; }
API signed char ucnv_getMaxCharSize(void *one) { return 1; }
API int ucnv_toUCountPending(void) { return 0; }
API int ucnv_fromUCountPending(void) { return 0; }
API void ucnv_close(void *one) {}
API void ucnv_reset(void *one) {}
API void ucnv_toUnicode(void) {}
API void ucnv_fromUnicode(void) {}
API void ucnv_cbToUWriteUChars(void) {}
API void ucnv_getToUCallBack(void) {}
API void ucnv_getFromUCallBack(void) {}
API void ucnv_setToUCallBack(void) {}
API void ucnv_setFromUCallBack(void) {}
API void UCNV_FROM_U_CALLBACK_SUBSTITUTE(void) {}
int __stdcall DllMain(void *module, unsigned why, void *reserved) { return 1; }
