# SPDX-License-Identifier: Apache-2.0

set(vozex_libraries "" CACHE INTERNAL "every library of the project, for the program and the tests")

# vozex_library(<name> <folder> [FLAT] [PUBLIC links...] [PRIVATE links...])
# Makes vozex_<name> from every .cc below the folder (FLAT: in the folder itself only). A folder
# without sources is an INTERFACE library, so links to it always work.
function(vozex_library name folder)
  cmake_parse_arguments(arg "FLAT" "" "PUBLIC;PRIVATE" ${ARGN})
  if(arg_FLAT)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cc)
  else()
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cc)
  endif()
  set(target vozex_${name})
  if(sources)
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
    target_compile_options(${target} PRIVATE ${vozex_warnings})
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${target} INTERFACE ${arg_PUBLIC} ${arg_PRIVATE})
  endif()
  set(vozex_libraries ${vozex_libraries} ${target} CACHE INTERNAL "")
endfunction()

# vozex_executable(<name> <main>): the main file and the composition files beside it, linked with all.
# Nothing is made while the main file is missing.
function(vozex_executable name main)
  get_filename_component(folder ${main} DIRECTORY)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cc)
  if(NOT ${CMAKE_SOURCE_DIR}/${main} IN_LIST sources)
    message(STATUS "${name}: no ${main} yet, the executable is left out")
    return()
  endif()
  add_executable(${name} ${sources})
  target_compile_options(${name} PRIVATE ${vozex_warnings})
  target_compile_definitions(${name} PRIVATE VOZEX_VERSION="${PROJECT_VERSION}"
      VOZEX_WORKFLOWS="${CMAKE_SOURCE_DIR}/workflows")
  target_link_libraries(${name} PRIVATE ${vozex_libraries} vozex_asio vozex_prometheus CLI11::CLI11)
  # What one thread allocates another frees, batch by batch: jemalloc takes an eighth off the server's
  # processor time. Named explicitly, because nothing in the program asks for it.
  if(vozex_allocator AND NOT VOZEX_SANITIZE)
    target_link_options(${name} PRIVATE -Wl,--no-as-needed)
    target_link_libraries(${name} PRIVATE ${vozex_allocator})
  endif()
endfunction()
