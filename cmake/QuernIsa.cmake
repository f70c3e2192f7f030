# GCC 12 reports its own AVX-512 headers (bug 105593), hence no uninitialized warnings there.
set(QUERN_AVX512 -Wno-uninitialized -Wno-maybe-uninitialized -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma -mf16c -mbmi -mbmi2 -mlzcnt
  -mprefer-vector-width=512)

# One object library per instruction-set tier: the same kernel sources, compiled into the tier's namespace.
function(quern_add_tier target tier)
  add_library(quern_${tier} OBJECT native/src/cpu/isa_${tier}.cpp)
  quern_target(quern_${tier})
  target_compile_options(quern_${tier} PRIVATE ${ARGN})
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:quern_${tier}>)
endfunction()

function(quern_add_tiers target)
  quern_add_tier(${target} baseline)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    quern_add_tier(${target} avx2 -mavx2 -mfma -mf16c -mbmi -mbmi2 -mlzcnt)
    quern_add_tier(${target} avx512 ${QUERN_AVX512})
    quern_add_tier(${target} amx ${QUERN_AVX512} -mamx-tile -mamx-int8)
    target_compile_definitions(${target} PUBLIC QUERN_X86)
  endif()
endfunction()
