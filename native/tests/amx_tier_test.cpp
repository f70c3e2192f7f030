// The tier of the AMX tiles: refused with a reason where it cannot run, and over the reference of its instructions wherever AVX-512 runs.
#include "backend.hpp"
#include "tiers.hpp"

using namespace quern::test;

TEST("a tier of tiles that does not run here says why, and no context is made for it") {
  const char* reason = quern_isa_refusal(QUERN_ISA_AMX);
  if (reason == nullptr) return;
  quern_context_options options{1, QUERN_ISA_AMX, 0, QUERN_CPU, 0, nullptr};
  quern_context* context = nullptr;
  EXPECT(refused(quern_context_create(&options, &context), QUERN_UNSUPPORTED, reason));
  EXPECT(context == nullptr);
  EXPECT(std::strncmp(quern_last_error(), "tier amx: ", 10) == 0);
}

#if defined(QUERN_X86)

TEST("tiles over the reference of their instructions run wherever AVX-512 does, and multiply as documented") {
  if (quern::amx::tier.instructions != quern::TileInstructions::kReference || quern_isa_refusal(QUERN_ISA_AVX512) != nullptr) return;
  EXPECT(quern_isa_refusal(QUERN_ISA_AMX) == nullptr);
  EXPECT(quern::amx::tier.tiles_are_right());
  EXPECT(tiers().back() == QUERN_ISA_AMX);
  EXPECT(quern_context_isa(open().get()) == QUERN_ISA_AMX);
}

#endif
