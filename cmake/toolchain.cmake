# SPDX-License-Identifier: Apache-2.0
# Compiler settings, warnings, sanitizers, and the tools that make a build quick when they are there.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# No -DNDEBUG: our own assertions stay on in what we ship. No -g: builds are shared and must be quick.
# Nothing here is a shared library, so nobody replaces our functions: they may be inlined.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -fno-semantic-interposition")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")

set(VOZEX_SANITIZE "" CACHE STRING "Value for -fsanitize=, for example address,undefined or thread")
if(VOZEX_SANITIZE)
  add_compile_options(-fsanitize=${VOZEX_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${VOZEX_SANITIZE})
endif()

option(VOZEX_FUZZ "Build tests/fuzz, with what guides a fuzzer in every library" OFF)
if(VOZEX_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# The list of the style guide, for our own targets only.
set(vozex_warnings
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
    -Wnon-virtual-dtor -Woverloaded-virtual -Wswitch-enum -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 guesses these from optimised code and is often wrong about std::string, std::optional and
  # std::variant (GCC bugs 105329, 105562, 80635). They are shown, they don't stop a build.
  list(APPEND vozex_warnings
       -Wno-restrict -Wno-error=maybe-uninitialized -Wno-error=array-bounds
       -Wno-error=stringop-overflow -Wno-error=stringop-overread -Wno-error=free-nonheap-object)
  if(VOZEX_SANITIZE)
    list(APPEND vozex_warnings -Wno-maybe-uninitialized)
  endif()
endif()

if(VOZEX_FUZZ)
  # g++ is the compiler whose warnings count.
  set(vozex_warnings -w)
endif()

find_program(ccache_program ccache)
if(ccache_program AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ccache_program})
endif()
find_program(mold_program mold)
if(mold_program)
  add_link_options(-fuse-ld=mold)
endif()
