import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ImageWish(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    IMAGE_WISH_UNSPECIFIED: _ClassVar[ImageWish]
    IMAGE_WISH_NONE: _ClassVar[ImageWish]
    IMAGE_WISH_KEEP: _ClassVar[ImageWish]
    IMAGE_WISH_WAIT: _ClassVar[ImageWish]

class PictureSize(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PICTURE_SIZE_UNSPECIFIED: _ClassVar[PictureSize]
    PICTURE_SIZE_PREVIEW: _ClassVar[PictureSize]
    PICTURE_SIZE_FULL: _ClassVar[PictureSize]
    PICTURE_SIZE_BOTH: _ClassVar[PictureSize]
    PICTURE_SIZE_NONE: _ClassVar[PictureSize]

class Registration(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REGISTRATION_UNSPECIFIED: _ClassVar[Registration]
    REGISTRATION_REGISTERED: _ClassVar[Registration]
    REGISTRATION_NOT_REGISTERED: _ClassVar[Registration]

class PictureState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PICTURE_STATE_UNSPECIFIED: _ClassVar[PictureState]
    PICTURE_STATE_AVAILABLE: _ClassVar[PictureState]
    PICTURE_STATE_UNCHANGED: _ClassVar[PictureState]
    PICTURE_STATE_HIDDEN: _ClassVar[PictureState]
    PICTURE_STATE_NOT_SET: _ClassVar[PictureState]

class Source(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SOURCE_UNSPECIFIED: _ClassVar[Source]
    SOURCE_STORE: _ClassVar[Source]
    SOURCE_WHATSAPP: _ClassVar[Source]

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_INVALID_CONTACT: _ClassVar[ErrorReason]
    ERROR_REASON_SUPPRESSED: _ClassVar[ErrorReason]
    ERROR_REASON_QUOTA_EXCEEDED: _ClassVar[ErrorReason]
    ERROR_REASON_RATE_LIMITED: _ClassVar[ErrorReason]
    ERROR_REASON_ENUMERATION: _ClassVar[ErrorReason]
    ERROR_REASON_NO_SESSION: _ClassVar[ErrorReason]
    ERROR_REASON_UPSTREAM_TIMEOUT: _ClassVar[ErrorReason]
    ERROR_REASON_UPSTREAM_ERROR: _ClassVar[ErrorReason]
    ERROR_REASON_OWN_NUMBER: _ClassVar[ErrorReason]
    ERROR_REASON_SHUTTING_DOWN: _ClassVar[ErrorReason]
    ERROR_REASON_INTERNAL: _ClassVar[ErrorReason]
    ERROR_REASON_UNAUTHENTICATED: _ClassVar[ErrorReason]
    ERROR_REASON_PERMISSION_DENIED: _ClassVar[ErrorReason]
    ERROR_REASON_STORAGE: _ClassVar[ErrorReason]
    ERROR_REASON_NO_IMAGE: _ClassVar[ErrorReason]

class ChangeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANGE_KIND_UNSPECIFIED: _ClassVar[ChangeKind]
    CHANGE_KIND_FIRST_SEEN: _ClassVar[ChangeKind]
    CHANGE_KIND_REPLACED: _ClassVar[ChangeKind]
    CHANGE_KIND_REMOVED: _ClassVar[ChangeKind]
    CHANGE_KIND_ADDED: _ClassVar[ChangeKind]
    CHANGE_KIND_HIDDEN: _ClassVar[ChangeKind]
    CHANGE_KIND_UNHIDDEN: _ClassVar[ChangeKind]
    CHANGE_KIND_REGISTERED: _ClassVar[ChangeKind]
    CHANGE_KIND_UNREGISTERED: _ClassVar[ChangeKind]
IMAGE_WISH_UNSPECIFIED: ImageWish
IMAGE_WISH_NONE: ImageWish
IMAGE_WISH_KEEP: ImageWish
IMAGE_WISH_WAIT: ImageWish
PICTURE_SIZE_UNSPECIFIED: PictureSize
PICTURE_SIZE_PREVIEW: PictureSize
PICTURE_SIZE_FULL: PictureSize
PICTURE_SIZE_BOTH: PictureSize
PICTURE_SIZE_NONE: PictureSize
REGISTRATION_UNSPECIFIED: Registration
REGISTRATION_REGISTERED: Registration
REGISTRATION_NOT_REGISTERED: Registration
PICTURE_STATE_UNSPECIFIED: PictureState
PICTURE_STATE_AVAILABLE: PictureState
PICTURE_STATE_UNCHANGED: PictureState
PICTURE_STATE_HIDDEN: PictureState
PICTURE_STATE_NOT_SET: PictureState
SOURCE_UNSPECIFIED: Source
SOURCE_STORE: Source
SOURCE_WHATSAPP: Source
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_INVALID_CONTACT: ErrorReason
ERROR_REASON_SUPPRESSED: ErrorReason
ERROR_REASON_QUOTA_EXCEEDED: ErrorReason
ERROR_REASON_RATE_LIMITED: ErrorReason
ERROR_REASON_ENUMERATION: ErrorReason
ERROR_REASON_NO_SESSION: ErrorReason
ERROR_REASON_UPSTREAM_TIMEOUT: ErrorReason
ERROR_REASON_UPSTREAM_ERROR: ErrorReason
ERROR_REASON_OWN_NUMBER: ErrorReason
ERROR_REASON_SHUTTING_DOWN: ErrorReason
ERROR_REASON_INTERNAL: ErrorReason
ERROR_REASON_UNAUTHENTICATED: ErrorReason
ERROR_REASON_PERMISSION_DENIED: ErrorReason
ERROR_REASON_STORAGE: ErrorReason
ERROR_REASON_NO_IMAGE: ErrorReason
CHANGE_KIND_UNSPECIFIED: ChangeKind
CHANGE_KIND_FIRST_SEEN: ChangeKind
CHANGE_KIND_REPLACED: ChangeKind
CHANGE_KIND_REMOVED: ChangeKind
CHANGE_KIND_ADDED: ChangeKind
CHANGE_KIND_HIDDEN: ChangeKind
CHANGE_KIND_UNHIDDEN: ChangeKind
CHANGE_KIND_REGISTERED: ChangeKind
CHANGE_KIND_UNREGISTERED: ChangeKind

class GetProfilePictureRequest(_message.Message):
    __slots__ = ("contact", "existing_id", "options")
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    EXISTING_ID_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    contact: str
    existing_id: str
    options: LookupOptions
    def __init__(self, contact: _Optional[str] = ..., existing_id: _Optional[str] = ..., options: _Optional[_Union[LookupOptions, _Mapping]] = ...) -> None: ...

class GetProfilePictureResponse(_message.Message):
    __slots__ = ("profile_picture",)
    PROFILE_PICTURE_FIELD_NUMBER: _ClassVar[int]
    profile_picture: ProfilePicture
    def __init__(self, profile_picture: _Optional[_Union[ProfilePicture, _Mapping]] = ...) -> None: ...

class BatchGetProfilePicturesRequest(_message.Message):
    __slots__ = ("options", "items")
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    options: LookupOptions
    items: _containers.RepeatedCompositeFieldContainer[EnrichItem]
    def __init__(self, options: _Optional[_Union[LookupOptions, _Mapping]] = ..., items: _Optional[_Iterable[_Union[EnrichItem, _Mapping]]] = ...) -> None: ...

class BatchGetProfilePicturesResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[EnrichResult]
    def __init__(self, results: _Optional[_Iterable[_Union[EnrichResult, _Mapping]]] = ...) -> None: ...

class LookupOptions(_message.Message):
    __slots__ = ("size", "max_age", "session", "default_country", "images", "shared_by")
    SIZE_FIELD_NUMBER: _ClassVar[int]
    MAX_AGE_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    IMAGES_FIELD_NUMBER: _ClassVar[int]
    SHARED_BY_FIELD_NUMBER: _ClassVar[int]
    size: PictureSize
    max_age: _duration_pb2.Duration
    session: str
    default_country: str
    images: ImageWish
    shared_by: bool
    def __init__(self, size: _Optional[_Union[PictureSize, str]] = ..., max_age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., session: _Optional[str] = ..., default_country: _Optional[str] = ..., images: _Optional[_Union[ImageWish, str]] = ..., shared_by: bool = ...) -> None: ...

class ProfilePicture(_message.Message):
    __slots__ = ("jid", "phone_number", "lid", "registration", "state", "id", "url", "preview_url", "direct_path", "type", "hash", "url_expire_time", "is_business", "name", "check_time", "change_time", "previous_id", "source", "session", "image", "shared_by")
    JID_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    LID_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_URL_FIELD_NUMBER: _ClassVar[int]
    DIRECT_PATH_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    URL_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    IS_BUSINESS_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CHECK_TIME_FIELD_NUMBER: _ClassVar[int]
    CHANGE_TIME_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    SHARED_BY_FIELD_NUMBER: _ClassVar[int]
    jid: str
    phone_number: str
    lid: str
    registration: Registration
    state: PictureState
    id: str
    url: str
    preview_url: str
    direct_path: str
    type: str
    hash: bytes
    url_expire_time: _timestamp_pb2.Timestamp
    is_business: bool
    name: str
    check_time: _timestamp_pb2.Timestamp
    change_time: _timestamp_pb2.Timestamp
    previous_id: str
    source: Source
    session: str
    image: ImageMetadata
    shared_by: SharedBy
    def __init__(self, jid: _Optional[str] = ..., phone_number: _Optional[str] = ..., lid: _Optional[str] = ..., registration: _Optional[_Union[Registration, str]] = ..., state: _Optional[_Union[PictureState, str]] = ..., id: _Optional[str] = ..., url: _Optional[str] = ..., preview_url: _Optional[str] = ..., direct_path: _Optional[str] = ..., type: _Optional[str] = ..., hash: _Optional[bytes] = ..., url_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., is_business: bool = ..., name: _Optional[str] = ..., check_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., change_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., previous_id: _Optional[str] = ..., source: _Optional[_Union[Source, str]] = ..., session: _Optional[str] = ..., image: _Optional[_Union[ImageMetadata, _Mapping]] = ..., shared_by: _Optional[_Union[SharedBy, _Mapping]] = ...) -> None: ...

class SharedBy(_message.Message):
    __slots__ = ("contacts", "is_minimum")
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    IS_MINIMUM_FIELD_NUMBER: _ClassVar[int]
    contacts: int
    is_minimum: bool
    def __init__(self, contacts: _Optional[int] = ..., is_minimum: bool = ...) -> None: ...

class EnrichProfilePicturesRequest(_message.Message):
    __slots__ = ("options", "items")
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    options: LookupOptions
    items: _containers.RepeatedCompositeFieldContainer[EnrichItem]
    def __init__(self, options: _Optional[_Union[LookupOptions, _Mapping]] = ..., items: _Optional[_Iterable[_Union[EnrichItem, _Mapping]]] = ...) -> None: ...

class EnrichItem(_message.Message):
    __slots__ = ("tag", "contact", "existing_id", "country")
    TAG_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    EXISTING_ID_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    tag: int
    contact: str
    existing_id: str
    country: str
    def __init__(self, tag: _Optional[int] = ..., contact: _Optional[str] = ..., existing_id: _Optional[str] = ..., country: _Optional[str] = ...) -> None: ...

class EnrichProfilePicturesResponse(_message.Message):
    __slots__ = ("results", "progress")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[EnrichResult]
    progress: EnrichProgress
    def __init__(self, results: _Optional[_Iterable[_Union[EnrichResult, _Mapping]]] = ..., progress: _Optional[_Union[EnrichProgress, _Mapping]] = ...) -> None: ...

class EnrichResult(_message.Message):
    __slots__ = ("tag", "profile_picture", "error")
    TAG_FIELD_NUMBER: _ClassVar[int]
    PROFILE_PICTURE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    tag: int
    profile_picture: ProfilePicture
    error: LookupError
    def __init__(self, tag: _Optional[int] = ..., profile_picture: _Optional[_Union[ProfilePicture, _Mapping]] = ..., error: _Optional[_Union[LookupError, _Mapping]] = ...) -> None: ...

class LookupError(_message.Message):
    __slots__ = ("reason", "message", "retry_after")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_FIELD_NUMBER: _ClassVar[int]
    reason: ErrorReason
    message: str
    retry_after: _duration_pb2.Duration
    def __init__(self, reason: _Optional[_Union[ErrorReason, str]] = ..., message: _Optional[str] = ..., retry_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class EnrichProgress(_message.Message):
    __slots__ = ("received", "completed", "from_store", "from_whatsapp", "failed", "changed", "sessions_ready", "estimated_remaining")
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    FROM_STORE_FIELD_NUMBER: _ClassVar[int]
    FROM_WHATSAPP_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_READY_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_REMAINING_FIELD_NUMBER: _ClassVar[int]
    received: int
    completed: int
    from_store: int
    from_whatsapp: int
    failed: int
    changed: int
    sessions_ready: int
    estimated_remaining: _duration_pb2.Duration
    def __init__(self, received: _Optional[int] = ..., completed: _Optional[int] = ..., from_store: _Optional[int] = ..., from_whatsapp: _Optional[int] = ..., failed: _Optional[int] = ..., changed: _Optional[int] = ..., sessions_ready: _Optional[int] = ..., estimated_remaining: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class WatchProfilePictureChangesRequest(_message.Message):
    __slots__ = ("resume_token", "contacts")
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    resume_token: str
    contacts: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, resume_token: _Optional[str] = ..., contacts: _Optional[_Iterable[str]] = ...) -> None: ...

class WatchProfilePictureChangesResponse(_message.Message):
    __slots__ = ("changes", "resume_token")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[ProfilePictureChange]
    resume_token: str
    def __init__(self, changes: _Optional[_Iterable[_Union[ProfilePictureChange, _Mapping]]] = ..., resume_token: _Optional[str] = ...) -> None: ...

class ProfilePictureChange(_message.Message):
    __slots__ = ("jid", "phone_number", "kind", "old_id", "new_id", "observe_time", "sequence", "old_image", "new_image")
    JID_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    OLD_ID_FIELD_NUMBER: _ClassVar[int]
    NEW_ID_FIELD_NUMBER: _ClassVar[int]
    OBSERVE_TIME_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    OLD_IMAGE_FIELD_NUMBER: _ClassVar[int]
    NEW_IMAGE_FIELD_NUMBER: _ClassVar[int]
    jid: str
    phone_number: str
    kind: ChangeKind
    old_id: str
    new_id: str
    observe_time: _timestamp_pb2.Timestamp
    sequence: int
    old_image: ImageMetadata
    new_image: ImageMetadata
    def __init__(self, jid: _Optional[str] = ..., phone_number: _Optional[str] = ..., kind: _Optional[_Union[ChangeKind, str]] = ..., old_id: _Optional[str] = ..., new_id: _Optional[str] = ..., observe_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., sequence: _Optional[int] = ..., old_image: _Optional[_Union[ImageMetadata, _Mapping]] = ..., new_image: _Optional[_Union[ImageMetadata, _Mapping]] = ...) -> None: ...

class ListProfilePictureChangesRequest(_message.Message):
    __slots__ = ("contact", "page_size", "page_token")
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contact: str
    page_size: int
    page_token: str
    def __init__(self, contact: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListProfilePictureChangesResponse(_message.Message):
    __slots__ = ("changes", "next_page_token")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[ProfilePictureChange]
    next_page_token: str
    def __init__(self, changes: _Optional[_Iterable[_Union[ProfilePictureChange, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DownloadProfilePictureRequest(_message.Message):
    __slots__ = ("contact", "size", "id", "thumbnail_pixels")
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    THUMBNAIL_PIXELS_FIELD_NUMBER: _ClassVar[int]
    contact: str
    size: PictureSize
    id: str
    thumbnail_pixels: int
    def __init__(self, contact: _Optional[str] = ..., size: _Optional[_Union[PictureSize, str]] = ..., id: _Optional[str] = ..., thumbnail_pixels: _Optional[int] = ...) -> None: ...

class DownloadProfilePictureResponse(_message.Message):
    __slots__ = ("metadata", "chunk")
    METADATA_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    metadata: ImageMetadata
    chunk: bytes
    def __init__(self, metadata: _Optional[_Union[ImageMetadata, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class ImageMetadata(_message.Message):
    __slots__ = ("id", "content_type", "size_bytes", "width", "height", "sha256", "perceptual_hash", "fetch_time")
    ID_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    PERCEPTUAL_HASH_FIELD_NUMBER: _ClassVar[int]
    FETCH_TIME_FIELD_NUMBER: _ClassVar[int]
    id: str
    content_type: str
    size_bytes: int
    width: int
    height: int
    sha256: bytes
    perceptual_hash: int
    fetch_time: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., content_type: _Optional[str] = ..., size_bytes: _Optional[int] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., sha256: _Optional[bytes] = ..., perceptual_hash: _Optional[int] = ..., fetch_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class FindSimilarPicturesRequest(_message.Message):
    __slots__ = ("contact", "id", "image", "max_distance", "page_size", "page_token")
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    MAX_DISTANCE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contact: str
    id: str
    image: bytes
    max_distance: int
    page_size: int
    page_token: str
    def __init__(self, contact: _Optional[str] = ..., id: _Optional[str] = ..., image: _Optional[bytes] = ..., max_distance: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class FindSimilarPicturesResponse(_message.Message):
    __slots__ = ("pictures", "contacts", "is_minimum", "is_not_compared", "next_page_token", "perceptual_hash")
    PICTURES_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    IS_MINIMUM_FIELD_NUMBER: _ClassVar[int]
    IS_NOT_COMPARED_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PERCEPTUAL_HASH_FIELD_NUMBER: _ClassVar[int]
    pictures: _containers.RepeatedCompositeFieldContainer[SimilarPicture]
    contacts: int
    is_minimum: bool
    is_not_compared: bool
    next_page_token: str
    perceptual_hash: int
    def __init__(self, pictures: _Optional[_Iterable[_Union[SimilarPicture, _Mapping]]] = ..., contacts: _Optional[int] = ..., is_minimum: bool = ..., is_not_compared: bool = ..., next_page_token: _Optional[str] = ..., perceptual_hash: _Optional[int] = ...) -> None: ...

class SimilarPicture(_message.Message):
    __slots__ = ("jid", "phone_number", "distance", "image")
    JID_FIELD_NUMBER: _ClassVar[int]
    PHONE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    jid: str
    phone_number: str
    distance: int
    image: ImageMetadata
    def __init__(self, jid: _Optional[str] = ..., phone_number: _Optional[str] = ..., distance: _Optional[int] = ..., image: _Optional[_Union[ImageMetadata, _Mapping]] = ...) -> None: ...

class ForgetContactRequest(_message.Message):
    __slots__ = ("contact", "suppress")
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    SUPPRESS_FIELD_NUMBER: _ClassVar[int]
    contact: str
    suppress: bool
    def __init__(self, contact: _Optional[str] = ..., suppress: bool = ...) -> None: ...

class ForgetContactResponse(_message.Message):
    __slots__ = ("records_erased",)
    RECORDS_ERASED_FIELD_NUMBER: _ClassVar[int]
    records_erased: int
    def __init__(self, records_erased: _Optional[int] = ...) -> None: ...
