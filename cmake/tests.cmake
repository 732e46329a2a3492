# SPDX-License-Identifier: Apache-2.0
# tests/unit/<folder>/**.cc                       -> test_<folder>, label unit
# tests/store/**.cc                               -> test_store, label store
# tests/simulation/*.cc                           -> vozex_simulation, what the next two share
# tests/simulation/tests/*.cc                     -> test_simulation, label simulation
# tests/simulation/program/*.cc                   -> the program vozex-sim
# tests/api/**.cc                                 -> test_api, label api
# tests/shifted_clock/*.cc                        -> a library that moves a program's clock; test_api loads it
# tests/conformance/*.cc                          -> vozex_conformance, what the next two share
# tests/conformance/tests/*.cc                    -> test_conformance, label unit
# tests/conformance/program/*.cc                  -> the program vozex-conformance
# tests/editor                                    -> Node scripts that drive editors' servers, label editor
# tests/support/**.cc                             -> what tests share; linked into each of them
# tests/bench/**.cc                               -> vozex_bench, not a test
include(GoogleTest)
find_package(GTest REQUIRED)
find_package(rapidcheck REQUIRED)
find_package(benchmark REQUIRED)

set(vozex_binary ${CMAKE_BINARY_DIR}/vozex)

# Support code may use headers from anywhere, but links base only: a test that calls such a helper
# links the library it needs, and a broken folder doesn't stop the tests of all the others.
file(GLOB_RECURSE support_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/support/*.cc)
if(support_sources)
  add_library(vozex_test_support STATIC ${support_sources})
  target_link_libraries(vozex_test_support PUBLIC vozex_base GTest::gmock nlohmann_json::nlohmann_json)
  target_compile_options(vozex_test_support PRIVATE ${vozex_warnings})
  target_compile_definitions(vozex_test_support PRIVATE
      VOZEX_SOURCE_DIR="${CMAKE_SOURCE_DIR}" VOZEX_BINARY="${vozex_binary}")
else()
  add_library(vozex_test_support INTERFACE)
endif()

# vozex_test(<name> LABEL <kind> FOLDERS <folder>... LINKS <target>... [PROGRAM] [BARE] [TIMEOUT <s>])
# PROGRAM: the test runs the vozex executable, so it is built first. BARE: without tests/support.
function(vozex_test name)
  cmake_parse_arguments(arg "PROGRAM;BARE" "LABEL;TIMEOUT" "FOLDERS;LINKS" ${ARGN})
  set(sources "")
  foreach(folder IN LISTS arg_FOLDERS)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cc)
    list(APPEND sources ${found})
  endforeach()
  if(NOT sources)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_executable(${name} ${sources})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${vozex_warnings})
  target_compile_definitions(${name} PRIVATE
      VOZEX_SOURCE_DIR="${CMAKE_SOURCE_DIR}" VOZEX_BINARY="${vozex_binary}")
  # Before the libraries: with a plain linker an archive must stand before what it needs.
  if(NOT arg_BARE)
    target_link_libraries(${name} PRIVATE vozex_test_support)
  endif()
  target_link_libraries(${name} PRIVATE ${arg_LINKS} GTest::gmock GTest::gtest_main rapidcheck)
  if(arg_PROGRAM AND TARGET vozex)
    add_dependencies(${name} vozex)
  endif()
  gtest_discover_tests(${name}
      DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
      PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
endfunction()

# A unit folder is named like the library it tests; one without a library of its name gets them all.
file(GLOB unit_folders CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/tests/unit
     ${CMAKE_SOURCE_DIR}/tests/unit/*)
foreach(folder IN LISTS unit_folders)
  set(options "")
  if(folder STREQUAL "layering")
    # It must run while everything else is broken.
    set(links "")
    set(options BARE)
  elseif(TARGET vozex_${folder})
    set(links vozex_${folder})
  elseif(folder STREQUAL "declared")
    # Adapters as files declare them: the compiler and what carries its work out.
    set(links vozex_http vozex_language)
  else()
    set(links ${vozex_libraries})
  endif()
  if(folder MATCHES "^(server|sandbox|handlers|cli|http|payments|fulfillment|catalog)$")
    list(APPEND links vozex_asio)
  endif()
  if(folder STREQUAL "cli")
    set(options PROGRAM)
  endif()
  if(folder STREQUAL "runtime")
    list(APPEND links vozex_simulated)
  endif()
  if(folder STREQUAL "handlers")
    list(APPEND links vozex_system)
  endif()
  vozex_test(test_${folder} LABEL unit FOLDERS tests/unit/${folder} LINKS ${links} ${options})
endforeach()

vozex_test(test_store LABEL store FOLDERS tests/store TIMEOUT 600
    LINKS vozex_simulated vozex_sqlite vozex_postgres vozex_archive vozex_runtime vozex_pqxx SQLite::SQLite3)

# The core once more, with the bugs that the simulation can switch on (engine/base/planted.h). In no
# program of the product; never linked together with vozex_step or vozex_runtime.
file(GLOB_RECURSE planted_sources CONFIGURE_DEPENDS
     ${CMAKE_SOURCE_DIR}/engine/step/*.cc ${CMAKE_SOURCE_DIR}/engine/runtime/*.cc)
list(FILTER planted_sources EXCLUDE REGEX "_driver\\.cc$|/engine[a-z_]*\\.cc$")
add_library(vozex_planted STATIC ${planted_sources})
target_link_libraries(vozex_planted PUBLIC vozex_language vozex_ports)
target_compile_options(vozex_planted PRIVATE ${vozex_warnings})
target_compile_definitions(vozex_planted PUBLIC VOZEX_PLANTING)
file(GLOB simulation_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/simulation/*.cc)
add_library(vozex_simulation STATIC ${simulation_sources})
target_link_libraries(vozex_simulation PUBLIC vozex_planted vozex_simulated)
target_compile_options(vozex_simulation PRIVATE ${vozex_warnings})
vozex_test(test_simulation LABEL simulation TIMEOUT 900 FOLDERS tests/simulation/tests
    LINKS vozex_simulation)
file(GLOB simulation_program CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/simulation/program/*.cc)
add_executable(vozex_sim ${simulation_program})
set_target_properties(vozex_sim PROPERTIES OUTPUT_NAME vozex-sim)
target_link_libraries(vozex_sim PRIVATE vozex_simulation CLI11::CLI11)
target_compile_options(vozex_sim PRIVATE ${vozex_warnings})
vozex_test(test_api LABEL api FOLDERS tests/api PROGRAM TIMEOUT 600
    LINKS ${vozex_libraries} vozex_asio vozex_pqxx CURL::libcurl SQLite::SQLite3)
file(GLOB shifted_clock_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/shifted_clock/*.cc)
add_library(vozex_shifted_clock MODULE ${shifted_clock_sources})
target_compile_options(vozex_shifted_clock PRIVATE ${vozex_warnings})
set_target_properties(vozex_shifted_clock PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
target_compile_definitions(test_api PRIVATE
    VOZEX_SHIFTED_CLOCK="$<TARGET_FILE:vozex_shifted_clock>")
add_dependencies(test_api vozex_shifted_clock)

file(GLOB conformance_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/conformance/*.cc)
add_library(vozex_conformance STATIC ${conformance_sources})
target_link_libraries(vozex_conformance PUBLIC vozex_lab vozex_payments vozex_asio)
target_compile_options(vozex_conformance PRIVATE ${vozex_warnings})
vozex_test(test_conformance LABEL unit FOLDERS tests/conformance/tests LINKS vozex_conformance)
file(GLOB conformance_program CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/conformance/program/*.cc)
add_executable(vozex-conformance ${conformance_program})
target_link_libraries(vozex-conformance PRIVATE vozex_conformance)
target_compile_options(vozex-conformance PRIVATE ${vozex_warnings})

# A YAML language server, and ours as VS Code starts it. npm gets its packages into the build tree.
set(editor_folder ${CMAKE_BINARY_DIR}/editor)
add_test(NAME Editor.Packages COMMAND ${CMAKE_SOURCE_DIR}/tests/editor/install.sh ${editor_folder})
set_tests_properties(Editor.Packages PROPERTIES
    LABELS editor TIMEOUT 300 FIXTURES_SETUP editor_packages)
add_test(NAME Editor.YamlLanguageServerUnderstandsTheSchema
    COMMAND node ${CMAKE_SOURCE_DIR}/tests/editor/schema_test.mjs
            $<TARGET_FILE:vozex> ${CMAKE_SOURCE_DIR} ${editor_folder})
set_tests_properties(Editor.YamlLanguageServerUnderstandsTheSchema PROPERTIES
    LABELS editor TIMEOUT 120 FIXTURES_REQUIRED editor_packages)
add_test(NAME Editor.TheVsCodeExtensionStartsTheServer
    COMMAND node ${CMAKE_SOURCE_DIR}/tests/editor/extension_test.mjs
            $<TARGET_FILE:vozex> ${CMAKE_SOURCE_DIR})
set_tests_properties(Editor.TheVsCodeExtensionStartsTheServer PROPERTIES LABELS editor TIMEOUT 60)

file(GLOB_RECURSE bench_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/bench/*.cc)
if(bench_sources)
  add_executable(vozex_bench ${bench_sources})
  target_compile_options(vozex_bench PRIVATE ${vozex_warnings})
  target_compile_definitions(vozex_bench PRIVATE
      VOZEX_SOURCE_DIR="${CMAKE_SOURCE_DIR}" VOZEX_BINARY="${vozex_binary}")
  target_link_libraries(vozex_bench PRIVATE ${vozex_libraries} vozex_pqxx vozex_asio CURL::libcurl
      SQLite::SQLite3 benchmark::benchmark nlohmann_json::nlohmann_json)
  if(TARGET vozex)
    add_dependencies(vozex_bench vozex)
  endif()
endif()
