// The pictures of the simulated network: real JPEG files, drawn on demand.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_JPEG_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_JPEG_H_

#include <cstdint>
#include <string>

namespace portrait::sim {

// A square baseline JPEG of `pixels` (a multiple of 8) on a side: a symmetric
// pattern in one colour, both decided by `pattern`. The same arguments give the
// same bytes.
std::string DrawJpeg(uint64_t pattern, int pixels);

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_DIRECTORY_JPEG_H_
