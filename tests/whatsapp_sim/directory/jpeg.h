// Draws the pictures of the simulated network, as real JPEG files, on demand.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_JPEG_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_JPEG_H_

#include <cstdint>
#include <string>

namespace portrait::sim {

// Returns a square baseline JPEG with `pixels` (a multiple of 8) per side: a
// symmetric pattern in one colour, both derived from `pattern`. The same
// arguments give the same bytes.
std::string DrawJpeg(uint64_t pattern, int pixels);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_JPEG_H_
