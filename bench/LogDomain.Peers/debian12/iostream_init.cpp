// The one function that LibTorchSharp needs and that GCC 12's libstdc++ lacks. Since GCC 13 every program that includes <iostream>
// calls it to construct std::cout and its kin; before, a static object in each program did that, as one does here.
#include <iostream>

extern "C" void _ZSt21ios_base_library_initv() {} // std::ios_base_library_init()
