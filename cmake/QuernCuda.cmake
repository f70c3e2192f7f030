# Finds nvcc and compiles .cu sources with it, for every architecture at hand, reproducibly and within the budget of ptxas_budget.txt.
set(QUERN_CUDA AUTO CACHE STRING "AUTO: build libquern_cuda.so if nvcc is found; ON: require it; OFF")
set(QUERN_CUDA_ARCHS "80;86;89;90a;100;120" CACHE STRING "Architectures of libquern_cuda.so; those that nvcc does not know are left out")
set_property(CACHE QUERN_CUDA PROPERTY STRINGS AUTO ON OFF)

set(QUERN_CUDA_FOUND FALSE)
if(NOT QUERN_CUDA STREQUAL "OFF" AND NOT CMAKE_CROSSCOMPILING AND NOT (QUERN_CUDA STREQUAL "AUTO" AND QUERN_SANITIZER))
  find_program(QUERN_NVCC nvcc HINTS ENV CUDA_HOME ENV CUDA_PATH PATHS /usr/local/cuda PATH_SUFFIXES bin)
  if(QUERN_NVCC)
    set(QUERN_CUDA_FOUND TRUE)
  elseif(QUERN_CUDA STREQUAL "ON")
    message(FATAL_ERROR "QUERN_CUDA is ON and no nvcc was found, allowed: nvcc on the PATH or below CUDA_HOME")
  endif()
endif()

if(QUERN_CUDA_FOUND)
  # nvcc may be a wrapper elsewhere: it tells itself where it lives.
  file(WRITE "${CMAKE_BINARY_DIR}/empty.cu" "")
  execute_process(COMMAND "${QUERN_NVCC}" --dryrun -c -o empty.o "${CMAKE_BINARY_DIR}/empty.cu" ERROR_VARIABLE dryrun OUTPUT_QUIET)
  string(REGEX MATCH "TOP=([^\n]+)" top "${dryrun}")
  get_filename_component(QUERN_CUDA_ROOT "${CMAKE_MATCH_1}" ABSOLUTE)
  find_library(QUERN_CUDART NAMES libcudart_static.a NO_DEFAULT_PATH REQUIRED
               PATHS "${QUERN_CUDA_ROOT}" PATH_SUFFIXES lib64 lib targets/x86_64-linux/lib)
  execute_process(COMMAND "${QUERN_NVCC}" --list-gpu-code OUTPUT_VARIABLE known OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(quern_cuda_targets)
  foreach(arch IN LISTS QUERN_CUDA_ARCHS)
    string(REGEX REPLACE "[af]$" "" number "${arch}")
    if(known MATCHES "sm_${number}")
      list(APPEND quern_cuda_targets -gencode=arch=compute_${arch},code=sm_${arch})
      set(newest "${number}")
    endif()
  endforeach()
  # Intermediate code of the newest one, for devices that are newer still.
  list(APPEND quern_cuda_targets -gencode=arch=compute_${newest},code=compute_${newest})
endif()

# Adds the objects of the .cu sources to a target. No contraction into fma but where a kernel writes fmaf: the harness then has the same bits.
function(quern_cuda_sources target)
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_BINARY_DIR}/quern" SYMBOLIC)
  foreach(source IN LISTS ARGN)
    get_filename_component(name "${source}" NAME_WE)
    set(object "${CMAKE_CURRENT_BINARY_DIR}/${name}.o")
    add_custom_command(
      OUTPUT "${object}"
      COMMAND "${CMAKE_COMMAND}" "-DNVCC=${QUERN_NVCC}" "-DSOURCE=${CMAKE_CURRENT_SOURCE_DIR}/${source}" "-DOBJECT=${object}"
              "-DTARGETS=${quern_cuda_targets}" "-DROOT=${PROJECT_SOURCE_DIR}" "-DBUDGET=${CMAKE_CURRENT_SOURCE_DIR}/ptxas_budget.txt"
              "-DSTRICT=${QUERN_STRICT}" -P "${PROJECT_SOURCE_DIR}/cmake/CompileCuda.cmake"
      DEPENDS "${source}" ptxas_budget.txt "${PROJECT_SOURCE_DIR}/cmake/CompileCuda.cmake"
      DEPFILE "${object}.d"
      COMMENT "Building CUDA object ${name}.o"
      VERBATIM)
    target_sources(${target} PRIVATE "${object}")
  endforeach()
endfunction()
