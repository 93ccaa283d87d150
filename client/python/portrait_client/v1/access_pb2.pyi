import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_LOOKUP: _ClassVar[Role]
    ROLE_ADMIN: _ClassVar[Role]

class Right(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RIGHT_UNSPECIFIED: _ClassVar[Right]
    RIGHT_LOOKUP: _ClassVar[Right]
    RIGHT_WATCH: _ClassVar[Right]
    RIGHT_HISTORY: _ClassVar[Right]
    RIGHT_WATCH_ALL: _ClassVar[Right]
    RIGHT_FORGET: _ClassVar[Right]
    RIGHT_OBJECT: _ClassVar[Right]
    RIGHT_IMAGES: _ClassVar[Right]
    RIGHT_LIKENESS: _ClassVar[Right]
    RIGHT_PIN_SESSION: _ClassVar[Right]
    RIGHT_ADMIN: _ClassVar[Right]
ROLE_UNSPECIFIED: Role
ROLE_LOOKUP: Role
ROLE_ADMIN: Role
RIGHT_UNSPECIFIED: Right
RIGHT_LOOKUP: Right
RIGHT_WATCH: Right
RIGHT_HISTORY: Right
RIGHT_WATCH_ALL: Right
RIGHT_FORGET: Right
RIGHT_OBJECT: Right
RIGHT_IMAGES: Right
RIGHT_LIKENESS: Right
RIGHT_PIN_SESSION: Right
RIGHT_ADMIN: Right

class Token(_message.Message):
    __slots__ = ("token_id", "tenant", "role", "monthly_quota", "lookups_per_second", "create_time", "expire_time", "enumeration_guard_off", "rights")
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    MONTHLY_QUOTA_FIELD_NUMBER: _ClassVar[int]
    LOOKUPS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    ENUMERATION_GUARD_OFF_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_FIELD_NUMBER: _ClassVar[int]
    token_id: str
    tenant: str
    role: Role
    monthly_quota: int
    lookups_per_second: float
    create_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    enumeration_guard_off: bool
    rights: _containers.RepeatedScalarFieldContainer[Right]
    def __init__(self, token_id: _Optional[str] = ..., tenant: _Optional[str] = ..., role: _Optional[_Union[Role, str]] = ..., monthly_quota: _Optional[int] = ..., lookups_per_second: _Optional[float] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., enumeration_guard_off: bool = ..., rights: _Optional[_Iterable[_Union[Right, str]]] = ...) -> None: ...

class CreateTokenRequest(_message.Message):
    __slots__ = ("tenant", "role", "monthly_quota", "lookups_per_second", "expire_time", "enumeration_guard_off", "rights")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    MONTHLY_QUOTA_FIELD_NUMBER: _ClassVar[int]
    LOOKUPS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    ENUMERATION_GUARD_OFF_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    role: Role
    monthly_quota: int
    lookups_per_second: float
    expire_time: _timestamp_pb2.Timestamp
    enumeration_guard_off: bool
    rights: _containers.RepeatedScalarFieldContainer[Right]
    def __init__(self, tenant: _Optional[str] = ..., role: _Optional[_Union[Role, str]] = ..., monthly_quota: _Optional[int] = ..., lookups_per_second: _Optional[float] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., enumeration_guard_off: bool = ..., rights: _Optional[_Iterable[_Union[Right, str]]] = ...) -> None: ...

class CreateTokenResponse(_message.Message):
    __slots__ = ("token", "secret")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    token: Token
    secret: str
    def __init__(self, token: _Optional[_Union[Token, _Mapping]] = ..., secret: _Optional[str] = ...) -> None: ...

class ListTokensRequest(_message.Message):
    __slots__ = ("tenant",)
    TENANT_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    def __init__(self, tenant: _Optional[str] = ...) -> None: ...

class ListTokensResponse(_message.Message):
    __slots__ = ("tokens",)
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    tokens: _containers.RepeatedCompositeFieldContainer[Token]
    def __init__(self, tokens: _Optional[_Iterable[_Union[Token, _Mapping]]] = ...) -> None: ...

class RevokeTokenRequest(_message.Message):
    __slots__ = ("token_id",)
    TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    token_id: str
    def __init__(self, token_id: _Optional[str] = ...) -> None: ...

class RevokeTokenResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetUsageRequest(_message.Message):
    __slots__ = ("tenant", "month")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    MONTH_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    month: str
    def __init__(self, tenant: _Optional[str] = ..., month: _Optional[str] = ...) -> None: ...

class GetUsageResponse(_message.Message):
    __slots__ = ("tenant", "month", "lookups", "from_store", "from_whatsapp", "failed", "monthly_quota")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    MONTH_FIELD_NUMBER: _ClassVar[int]
    LOOKUPS_FIELD_NUMBER: _ClassVar[int]
    FROM_STORE_FIELD_NUMBER: _ClassVar[int]
    FROM_WHATSAPP_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    MONTHLY_QUOTA_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    month: str
    lookups: int
    from_store: int
    from_whatsapp: int
    failed: int
    monthly_quota: int
    def __init__(self, tenant: _Optional[str] = ..., month: _Optional[str] = ..., lookups: _Optional[int] = ..., from_store: _Optional[int] = ..., from_whatsapp: _Optional[int] = ..., failed: _Optional[int] = ..., monthly_quota: _Optional[int] = ...) -> None: ...
