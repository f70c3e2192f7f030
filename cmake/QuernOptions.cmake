# Language, warnings, hardening and sanitizers of every native target.
set(QUERN_SANITIZER "" CACHE STRING "Empty, address (with undefined) or thread")
option(QUERN_TESTS "Build the native tests" ON)
option(QUERN_HARNESS_TESTS "Build the tests of the CUDA kernels that run without a GPU" ON)
option(QUERN_STRICT "Warnings, and CUDA kernels beyond their budget, stop the build" ON)

set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")
if(QUERN_SANITIZER)
  # The tiers compile more than twice as fast, and what sanitizers find is the same.
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
endif()
find_program(QUERN_CCACHE ccache)
if(QUERN_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${QUERN_CCACHE}")
endif()
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

function(quern_target target)
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}/native/include" PRIVATE "${PROJECT_SOURCE_DIR}/native/src")
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wconversion -Wshadow $<$<BOOL:${QUERN_STRICT}>:-Werror>
    -ffp-contract=off -fno-math-errno
    "-ffile-prefix-map=${PROJECT_SOURCE_DIR}=."
    -fstack-protector-strong)
  if(QUERN_SANITIZER STREQUAL "address")
    target_compile_options(${target} PUBLIC -fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
    target_link_options(${target} PUBLIC -fsanitize=address,undefined,float-cast-overflow)
  elseif(QUERN_SANITIZER STREQUAL "thread")
    target_compile_options(${target} PUBLIC -fsanitize=thread -g1)
    target_link_options(${target} PUBLIC -fsanitize=thread)
  else()
    target_compile_options(${target} PRIVATE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  endif()
  target_link_options(${target} PRIVATE -Wl,-z,relro,-z,now,-z,noexecstack)
endfunction()
