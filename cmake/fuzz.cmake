# SPDX-License-Identifier: Apache-2.0
# tests/fuzz/<name>/target.cc -> fuzz_<name>, a libFuzzer program; `fuzz_targets` is all of them.
# Beside it stand a seed corpus (seeds/) and a dictionary (<name>/words.dict). Only with clang.
set(fuzz_links_language vozex_language)
set(fuzz_links_expr vozex_expr)
set(fuzz_links_payload vozex_types)
set(fuzz_links_cloud_events vozex_handlers vozex_asio vozex_prometheus)
set(fuzz_links_notation vozex_types)
set(fuzz_links_snapshot vozex_language vozex_machine)
set(fuzz_links_webhook vozex_http vozex_asio)
set(fuzz_links_gateway_signature vozex_payments vozex_http vozex_asio)
set(fuzz_links_gateway_payload vozex_payments vozex_http vozex_asio)

add_custom_target(fuzz_targets)
file(GLOB fuzz_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz/*/target.cc)
foreach(source IN LISTS fuzz_sources)
  get_filename_component(folder ${source} DIRECTORY)
  get_filename_component(name ${folder} NAME)
  add_executable(fuzz_${name} ${source})
  set_target_properties(fuzz_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  target_link_libraries(fuzz_${name} PRIVATE ${fuzz_links_${name}})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzz_targets fuzz_${name})
endforeach()
