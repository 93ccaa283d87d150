// Asks WhatsApp for a new URL of a picture whose URL is dead.
#ifndef PORTRAIT_SERVER_IMAGE_URLS_H_
#define PORTRAIT_SERVER_IMAGE_URLS_H_

#include "core/image/image_keeper.h"
#include "core/lookup/lookup_engine.h"
#include "core/store/picture_store.h"

namespace portrait {

// Both are borrowed. The stored URL is marked as expired first, so that no
// lookup returns it any more.
UrlAsker MakeUrlAsker(PictureStore& store, LookupEngine& engine);

}  // namespace portrait

#endif  // PORTRAIT_SERVER_IMAGE_URLS_H_
