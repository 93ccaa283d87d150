import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NodeState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NODE_STATE_UNSPECIFIED: _ClassVar[NodeState]
    NODE_STATE_ACTIVE: _ClassVar[NodeState]
    NODE_STATE_STANDBY: _ClassVar[NodeState]
    NODE_STATE_GONE: _ClassVar[NodeState]
NODE_STATE_UNSPECIFIED: NodeState
NODE_STATE_ACTIVE: NodeState
NODE_STATE_STANDBY: NodeState
NODE_STATE_GONE: NodeState

class RotateKeyRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RotateKeyResponse(_message.Message):
    __slots__ = ("sessions",)
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    sessions: int
    def __init__(self, sessions: _Optional[int] = ...) -> None: ...

class Backup(_message.Message):
    __slots__ = ("backup_id", "create_time", "size_bytes", "files")
    BACKUP_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    backup_id: int
    create_time: _timestamp_pb2.Timestamp
    size_bytes: int
    files: int
    def __init__(self, backup_id: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., size_bytes: _Optional[int] = ..., files: _Optional[int] = ...) -> None: ...

class CreateBackupRequest(_message.Message):
    __slots__ = ("keep",)
    KEEP_FIELD_NUMBER: _ClassVar[int]
    keep: int
    def __init__(self, keep: _Optional[int] = ...) -> None: ...

class CreateBackupResponse(_message.Message):
    __slots__ = ("backup", "folder", "left_out")
    BACKUP_FIELD_NUMBER: _ClassVar[int]
    FOLDER_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    backup: Backup
    folder: str
    left_out: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, backup: _Optional[_Union[Backup, _Mapping]] = ..., folder: _Optional[str] = ..., left_out: _Optional[_Iterable[str]] = ...) -> None: ...

class ListBackupsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListBackupsResponse(_message.Message):
    __slots__ = ("backups", "folder")
    BACKUPS_FIELD_NUMBER: _ClassVar[int]
    FOLDER_FIELD_NUMBER: _ClassVar[int]
    backups: _containers.RepeatedCompositeFieldContainer[Backup]
    folder: str
    def __init__(self, backups: _Optional[_Iterable[_Union[Backup, _Mapping]]] = ..., folder: _Optional[str] = ...) -> None: ...

class DamagedFile(_message.Message):
    __slots__ = ("file", "family", "size_bytes", "problem")
    FILE_FIELD_NUMBER: _ClassVar[int]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    file: str
    family: str
    size_bytes: int
    problem: str
    def __init__(self, file: _Optional[str] = ..., family: _Optional[str] = ..., size_bytes: _Optional[int] = ..., problem: _Optional[str] = ...) -> None: ...

class VerifyBackupsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class VerifyBackupsResponse(_message.Message):
    __slots__ = ("files", "size_bytes", "damaged")
    FILES_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    DAMAGED_FIELD_NUMBER: _ClassVar[int]
    files: int
    size_bytes: int
    damaged: _containers.RepeatedCompositeFieldContainer[DamagedFile]
    def __init__(self, files: _Optional[int] = ..., size_bytes: _Optional[int] = ..., damaged: _Optional[_Iterable[_Union[DamagedFile, _Mapping]]] = ...) -> None: ...

class VerifyStoreRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class VerifyStoreResponse(_message.Message):
    __slots__ = ("files", "size_bytes", "damaged")
    FILES_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    DAMAGED_FIELD_NUMBER: _ClassVar[int]
    files: int
    size_bytes: int
    damaged: _containers.RepeatedCompositeFieldContainer[DamagedFile]
    def __init__(self, files: _Optional[int] = ..., size_bytes: _Optional[int] = ..., damaged: _Optional[_Iterable[_Union[DamagedFile, _Mapping]]] = ...) -> None: ...

class CompactStoreRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CompactStoreResponse(_message.Message):
    __slots__ = ("size_bytes_before", "size_bytes_after")
    SIZE_BYTES_BEFORE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_AFTER_FIELD_NUMBER: _ClassVar[int]
    size_bytes_before: int
    size_bytes_after: int
    def __init__(self, size_bytes_before: _Optional[int] = ..., size_bytes_after: _Optional[int] = ...) -> None: ...

class GetStoreStatsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStoreStatsResponse(_message.Message):
    __slots__ = ("families", "log_bytes", "free_disk_bytes", "last_sequence", "schema_version")
    FAMILIES_FIELD_NUMBER: _ClassVar[int]
    LOG_BYTES_FIELD_NUMBER: _ClassVar[int]
    FREE_DISK_BYTES_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_VERSION_FIELD_NUMBER: _ClassVar[int]
    families: _containers.RepeatedCompositeFieldContainer[StoreFamily]
    log_bytes: int
    free_disk_bytes: int
    last_sequence: int
    schema_version: int
    def __init__(self, families: _Optional[_Iterable[_Union[StoreFamily, _Mapping]]] = ..., log_bytes: _Optional[int] = ..., free_disk_bytes: _Optional[int] = ..., last_sequence: _Optional[int] = ..., schema_version: _Optional[int] = ...) -> None: ...

class StoreFamily(_message.Message):
    __slots__ = ("name", "keys", "tables", "table_bytes", "memory_bytes", "pending_compaction_bytes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    TABLES_FIELD_NUMBER: _ClassVar[int]
    TABLE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    PENDING_COMPACTION_BYTES_FIELD_NUMBER: _ClassVar[int]
    name: str
    keys: int
    tables: int
    table_bytes: int
    memory_bytes: int
    pending_compaction_bytes: int
    def __init__(self, name: _Optional[str] = ..., keys: _Optional[int] = ..., tables: _Optional[int] = ..., table_bytes: _Optional[int] = ..., memory_bytes: _Optional[int] = ..., pending_compaction_bytes: _Optional[int] = ...) -> None: ...

class Objection(_message.Message):
    __slots__ = ("objection_id", "create_time")
    OBJECTION_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    objection_id: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, objection_id: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListObjectionsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListObjectionsResponse(_message.Message):
    __slots__ = ("objections", "next_page_token")
    OBJECTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    objections: _containers.RepeatedCompositeFieldContainer[Objection]
    next_page_token: str
    def __init__(self, objections: _Optional[_Iterable[_Union[Objection, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RemoveObjectionRequest(_message.Message):
    __slots__ = ("contact", "objection_id")
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    OBJECTION_ID_FIELD_NUMBER: _ClassVar[int]
    contact: str
    objection_id: str
    def __init__(self, contact: _Optional[str] = ..., objection_id: _Optional[str] = ...) -> None: ...

class RemoveObjectionResponse(_message.Message):
    __slots__ = ("objections_removed",)
    OBJECTIONS_REMOVED_FIELD_NUMBER: _ClassVar[int]
    objections_removed: int
    def __init__(self, objections_removed: _Optional[int] = ...) -> None: ...

class ClusterNode(_message.Message):
    __slots__ = ("name", "state", "version", "address", "http_address", "partitions", "lag", "start_time", "hear_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    HTTP_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    PARTITIONS_FIELD_NUMBER: _ClassVar[int]
    LAG_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    HEAR_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: NodeState
    version: str
    address: str
    http_address: str
    partitions: int
    lag: int
    start_time: _timestamp_pb2.Timestamp
    hear_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[NodeState, str]] = ..., version: _Optional[str] = ..., address: _Optional[str] = ..., http_address: _Optional[str] = ..., partitions: _Optional[int] = ..., lag: _Optional[int] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., hear_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetClusterRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetClusterResponse(_message.Message):
    __slots__ = ("nodes", "accounts", "takeover_time")
    NODES_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    TAKEOVER_TIME_FIELD_NUMBER: _ClassVar[int]
    nodes: _containers.RepeatedCompositeFieldContainer[ClusterNode]
    accounts: int
    takeover_time: _timestamp_pb2.Timestamp
    def __init__(self, nodes: _Optional[_Iterable[_Union[ClusterNode, _Mapping]]] = ..., accounts: _Optional[int] = ..., takeover_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class DrainNodeRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DrainNodeResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
