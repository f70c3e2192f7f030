# cmake -DNVCC= -DSOURCE= -DOBJECT= -DTARGETS= -DROOT= -DBUDGET= -DSTRICT= -P CompileCuda.cmake
# Compiles one .cu and holds what ptxas reports of each kernel against BUDGET: lines "kernel registers spilled_bytes", kernel being a part of its
# mangled name. A kernel that no line names may not spill.
get_filename_component(folder "${OBJECT}" DIRECTORY)
get_filename_component(name "${OBJECT}" NAME_WE)
# Every path that nvcc sees is relative to a link of a fixed name, so that the object does not depend on where the project lies.
# The build makes it when it is configured, since its jobs run side by side.
if(NOT IS_SYMLINK "${folder}/quern")
  file(CREATE_LINK "${ROOT}" "${folder}/quern" SYMBOLIC)
endif()
file(RELATIVE_PATH source "${ROOT}" "${SOURCE}")
execute_process(
  COMMAND "${NVCC}" -std=c++17 -O3 -fmad=false -Xptxas -v --objdir-as-tempdir
          -Xcompiler "-fPIC,-fvisibility=hidden,-Wall,-Wextra,-Wno-unused-parameter,-ffp-contract=off,-frandom-seed=${name}"
          -I quern/native/include -I quern/native/src -I quern/cuda-kernels/include ${TARGETS}
          -MD -MF "${name}.o.d" -MT "${OBJECT}" -c -o "${name}.o" "quern/${source}"
  WORKING_DIRECTORY "${folder}"
  OUTPUT_VARIABLE report ERROR_VARIABLE report RESULT_VARIABLE failed)
file(WRITE "${OBJECT}.ptxas.txt" "${report}")
if(failed)
  file(REMOVE "${OBJECT}")
  message(FATAL_ERROR "${report}")
endif()

file(STRINGS "${BUDGET}" lines REGEX "^[^#]")
string(REGEX REPLACE ";" "," report "${report}")
string(REGEX REPLACE "\n" ";" report "${report}")
set(over "")
foreach(line IN LISTS report)
  if(line MATCHES "Compiling entry function '([^']+)' for '([^']+)'")
    set(kernel "${CMAKE_MATCH_1}")
    set(arch "${CMAKE_MATCH_2}")
    set(registers_allowed 255)
    set(spill_allowed 0)
    foreach(entry IN LISTS lines)
      if(entry MATCHES "^([^ ]+) +([0-9]+) +([0-9]+)")
        set(row "${CMAKE_MATCH_1};${CMAKE_MATCH_2};${CMAKE_MATCH_3}")
        list(GET row 0 part)
        if(kernel MATCHES "${part}")
          list(GET row 1 registers_allowed)
          list(GET row 2 spill_allowed)
        endif()
      endif()
    endforeach()
  elseif(line MATCHES "([0-9]+) bytes spill stores, ([0-9]+) bytes spill loads")
    if(CMAKE_MATCH_1 GREATER spill_allowed)
      string(APPEND over "${kernel} for ${arch} spills ${CMAKE_MATCH_1} bytes, allowed: ${spill_allowed}\n")
    endif()
  elseif(line MATCHES "Used ([0-9]+) registers")
    if(CMAKE_MATCH_1 GREATER registers_allowed)
      string(APPEND over "${kernel} for ${arch} uses ${CMAKE_MATCH_1} registers, allowed: ${registers_allowed}\n")
    endif()
  elseif(line MATCHES "warning")
    string(APPEND over "${line}\n")
  endif()
endforeach()
if(NOT over STREQUAL "" AND NOT STRICT)
  message(WARNING "${over}")
elseif(NOT over STREQUAL "")
  file(REMOVE "${OBJECT}")
  message(FATAL_ERROR "${over}")
endif()
