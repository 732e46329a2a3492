# SPDX-License-Identifier: Apache-2.0
# Everything comes from Debian 12. Imported targets are SYSTEM, so their headers raise no warnings.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(date REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(prometheus-cpp REQUIRED)

find_library(vozex_allocator jemalloc)  # only faster
pkg_check_modules(cmark REQUIRED IMPORTED_TARGET libcmark)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(pqxx REQUIRED IMPORTED_TARGET libpqxx)
add_library(vozex_cmark ALIAS PkgConfig::cmark)
add_library(vozex_re2 ALIAS PkgConfig::re2)
add_library(vozex_sodium ALIAS PkgConfig::sodium)
add_library(vozex_pqxx ALIAS PkgConfig::pqxx)
add_library(vozex_prometheus ALIAS prometheus-cpp::core)

# Asio and Beast are compiled once here instead of in every file that includes them.
add_library(vozex_asio STATIC EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/cmake/asio.cc)
target_link_libraries(vozex_asio PUBLIC Boost::headers Threads::Threads)
target_compile_definitions(vozex_asio PUBLIC
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
    BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
if(VOZEX_SANITIZE MATCHES "thread")
  # The thread sanitizer doesn't understand fences. Asio's own order rests on its mutexes.
  target_compile_definitions(vozex_asio PUBLIC BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
target_compile_options(vozex_asio PRIVATE -w)
