// The perceptual hashes of a picture, bit for bit those of Python's imagehash.
#ifndef PORTRAIT_CORE_IMAGE_PERCEPTUAL_HASH_H_
#define PORTRAIT_CORE_IMAGE_PERCEPTUAL_HASH_H_

#include <cstdint>

#include "core/image/image_facts.h"
#include "core/image/pixels.h"

namespace portrait {

// Of a grey picture. PHash: the picture as 32 x 32 pixels; its cosine
// transform; for each of the 8 x 8 lowest frequencies, whether it is above
// their median.
uint64_t PHash(const Pixels& grey);
// The picture as 9 x 8 pixels; whether each pixel is brighter than its left
// neighbour.
uint64_t DHash(const Pixels& grey);

// kBlank: at least 97 % of the picture has nearly the same brightness.
// kSilhouette: two plain colours in the shape of one of the default pictures.
ImageLook LookOf(const Pixels& grey);

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_PERCEPTUAL_HASH_H_
