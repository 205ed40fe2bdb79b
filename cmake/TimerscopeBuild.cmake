# SPDX-License-Identifier: GPL-3.0-or-later
# How everything in this project is compiled, and the three words that rooms are declared with:
#   timerscope_room(NAME SOURCES … DEPENDS …)   one library a room
#   timerscope_test(NAME LABEL … SOURCES … DEPENDS …)   one test program
#   timerscope_fuzzer(NAME SOURCES … DEPENDS …)   built by the fuzz preset only
include(CTest)
include(GNUInstallDirs)

option(TIMERSCOPE_WERROR "Warnings are errors" OFF)
option(TIMERSCOPE_DESKTOP "Build the desktop program" ON)
option(TIMERSCOPE_FUZZ "Build the fuzzers (clang only)" OFF)
set(TIMERSCOPE_SANITIZE "" CACHE STRING "Comma list given to -fsanitize=")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
# moc 6.4 follows <compare> into libstdc++'s <concepts>, which it cannot parse: it is told that it
# has read that one already.
set(CMAKE_AUTOMOC_MOC_OPTIONS -D_GLIBCXX_CONCEPTS)
# g++ 12 at -O3 makes the timer queues a third slower than at -O2.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_RELEASE "-O2")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_library(timerscope_flags INTERFACE)
target_include_directories(timerscope_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(timerscope_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow
  $<$<BOOL:${TIMERSCOPE_WERROR}>:-Werror>
  # g++ 12's optimizer finds these inside its own library's strings and paths: shown, not fatal.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-error=array-bounds>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-error=restrict>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-error=stringop-overflow>
  # stable_sort of libstdc++ 12 calls a function that it declares deprecated; g++ sees only ours.
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wno-deprecated-declarations>
  # Nobody replaces one of our functions when a program is loaded: a file may inline its own.
  -fno-semantic-interposition
  $<$<COMPILE_LANGUAGE:CXX>:-Wconversion -Wsign-conversion -Wold-style-cast>
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual>)
if(TIMERSCOPE_SANITIZE)
  target_compile_options(timerscope_flags INTERFACE -fsanitize=${TIMERSCOPE_SANITIZE}
                         -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(timerscope_flags INTERFACE -fsanitize=${TIMERSCOPE_SANITIZE})
endif()
if(TIMERSCOPE_FUZZ)
  # Without any optimization, most of a fuzzer's time goes into the containers of the library.
  target_compile_options(timerscope_flags INTERFACE -fsanitize=fuzzer-no-link -O1)
endif()

find_package(tl-expected REQUIRED)
find_package(fmt REQUIRED)
find_package(Threads REQUIRED)

function(timerscope_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;DEPENDS" ${ARGN})
  if(ROOM_SOURCES)
    add_library(timerscope_${name} STATIC ${ROOM_SOURCES})
    target_link_libraries(timerscope_${name} PUBLIC timerscope_flags ${ROOM_DEPENDS})
  else()
    add_library(timerscope_${name} INTERFACE)
    target_link_libraries(timerscope_${name} INTERFACE timerscope_flags ${ROOM_DEPENDS})
  endif()
endfunction()

# The engine and backend tests, which packaging/test.sh builds and runs once more with sanitizers.
add_custom_target(sanitized_tests)

function(timerscope_test name)
  cmake_parse_arguments(TEST "" "" "LABELS;SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE timerscope_flags Qt6::Test ${TEST_DEPENDS})
  set_target_properties(${name} PROPERTIES AUTOMOC ON
                        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/bin)
  add_test(NAME ${name} COMMAND ${name})
  set(environment QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8 TZ=UTC
      TIMERSCOPE_SOURCE_DIR=${CMAKE_SOURCE_DIR} TIMERSCOPE_BIN_DIR=${CMAKE_BINARY_DIR}/bin)
  set_tests_properties(${name} PROPERTIES LABELS "${TEST_LABELS}" TIMEOUT 120
                       ENVIRONMENT "${environment}")
  foreach(label IN LISTS TEST_LABELS)
    if(label MATCHES "^(unit|property|oracle|backends)$")
      add_dependencies(sanitized_tests ${name})
    endif()
  endforeach()
endfunction()

add_custom_target(fuzzers)

function(timerscope_fuzzer name)
  cmake_parse_arguments(FUZZ "" "" "SOURCES;DEPENDS" ${ARGN})
  if(NOT TIMERSCOPE_FUZZ)
    return()
  endif()
  add_executable(${name} ${FUZZ_SOURCES})
  target_link_libraries(${name} PRIVATE timerscope_flags ${FUZZ_DEPENDS})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers ${name})
endfunction()
