/* python3.dll: no code, every name forwards to the DLL of the minor version. */
int __stdcall DllMain(void *module, unsigned why, void *reserved) { return 1; }
