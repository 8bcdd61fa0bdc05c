// Written by npm run openapi, from docs/openapi.json.
export interface paths {
    "/memories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List memories, each once while others write */
        get: operations["listMemories"];
        put?: never;
        /** Store a memory, replacing what is at its coord */
        post: operations["storeMemory"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/memories/{coord}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a memory, as it is or as it was */
        get: operations["getMemory"];
        /** Store a memory at a coord, replacing what is there */
        put: operations["replaceMemory"];
        post?: never;
        /** Delete a memory; deleted says whether there was one */
        delete: operations["deleteMemory"];
        options?: never;
        head?: never;
        /** Change a memory by JSON Merge Patch */
        patch: operations["patchMemory"];
        trace?: never;
    };
    "/memories/get": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Read several memories; null where there is none */
        post: operations["getMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/memories/range": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Memories whose numbers are inside a box, in the order of their numbers */
        get: operations["getRange"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/memories/count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Count the memories that a filter passes */
        post: operations["countMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/memories/{coord}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The versions of a memory, newest first; of one that is deleted, for admins only */
        get: operations["getMemoryHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/namespaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The namespaces that the token may enter and that hold something, and its default one */
        get: operations["listNamespaces"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/memories/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Store, patch and delete memories; a bad operation spoils no other */
        post: operations["writeBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/memories/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Store the messages of a conversation, one memory each, as they are */
        post: operations["storeMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/memories/delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Delete the memories that pass a filter, or count them */
        post: operations["deleteMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/memories/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Search memories by meaning and by words */
        get: operations["searchMemoriesByQuery"];
        put?: never;
        /** Search memories by meaning and by words */
        post: operations["searchMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/graph/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Link two memories; a link of the same ends and type is replaced */
        post: operations["linkMemories"];
        /** Remove a link; deleted says whether there was one */
        delete: operations["unlinkMemories"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/graph/neighbors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Memories around one, nearest and heaviest links first */
        get: operations["getNeighbors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/graph/path": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The cheapest path between two memories, by the sum of 1/weight */
        get: operations["getPath"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/operations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of a command */
        get: operations["getOperation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Follow what changes, in order per memory, as server-sent events; one page of it as JSON */
        get: operations["followEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The memories of a namespace as JSON Lines that an import takes, each once while others write */
        get: operations["exportMemories"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Memory: {
            coord: string;
            coordinate: number[] | null;
            namespace: string;
            /** @enum {string} */
            memory_type: "episodic" | "semantic";
            payload: {
                [key: string]: unknown;
            };
            text: string;
            user_id: string | null;
            agent_id: string | null;
            thread_id: string | null;
            actor: string | null;
            tags: string[];
            importance: number;
            version: number;
            occurred_at: string | null;
            expires_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        WriteResult: {
            coord: string;
            namespace: string;
            memory_type: string | null;
            /** @constant */
            ok: true;
            /** @enum {string} */
            status: "accepted" | "stored" | "indexed";
            version: number | null;
            /** Format: uuid */
            operation_id: string;
            deleted?: boolean;
        };
        LinkResult: {
            coord: string;
            namespace: string;
            memory_type: string | null;
            /** @constant */
            ok: true;
            /** @enum {string} */
            status: "accepted" | "stored" | "indexed";
            version: number | null;
            /** Format: uuid */
            operation_id: string;
            deleted?: boolean;
            from_coord: string;
            to_coord: string;
            type: string;
        };
        RejectedResult: {
            coord: string | null;
            /** @constant */
            ok: false;
            /** @constant */
            status: "rejected";
            error: {
                code: string;
                detail: string;
            };
        };
        Link: {
            from_coord: string;
            to_coord: string;
            type: string;
            weight: number;
            properties: {
                [key: string]: unknown;
            };
            version: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        Operation: {
            /** Format: uuid */
            operation_id: string;
            /** @enum {string} */
            status: "accepted" | "stored" | "indexed" | "rejected" | "dead_lettered";
            coord: string | null;
            version: number | null;
            /** @description Of one deletion: was there something? Of a deletion by filter: how many so far */
            deleted?: boolean | number;
            /** @description Of a deletion by filter; null until it is known */
            matched?: number | null;
            /** @description Of a deletion by filter: written after they had matched */
            spared?: number;
            dry_run?: boolean;
            log_clean_by?: {
                [key: string]: string;
            };
            error?: {
                code: string;
                detail: string;
            };
            accepted_at: string | null;
            finished_at: string | null;
        };
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            code: string;
            instance: string;
            errors?: {
                pointer?: string;
                parameter?: string;
                header?: string;
                detail: string;
            }[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listMemories: {
        parameters: {
            query?: {
                user_id?: string;
                agent_id?: string;
                thread_id?: string;
                memory_type?: "episodic" | "semantic";
                tag?: string;
                filters?: string;
                since?: string;
                until_time?: string;
                order?: "created_at" | "updated_at" | "occurred_at" | "coord";
                direction?: "asc" | "desc";
                limit?: number;
                cursor?: string;
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page, in order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        memories: components["schemas"]["Memory"][];
                        /** @description Null at the end. A page before it may be short, even empty */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    storeMemory: {
        parameters: {
            query?: {
                until?: "accepted" | "stored" | "indexed";
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description The same key with the same request gives the first outcome again, for 8 days */
                "Idempotency-Key"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
                /** @description "<version>", a whole ETag, *, or a list */
                "If-Match"?: string;
                /** @description On a write *: only when there is none. On a read: the ETag at hand */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description The name of a memory: comma-separated numbers, or 1–200 of A-Z a-z 0-9 . _ : ~ @ + -
                     * @example 42,17
                     */
                    coord?: string;
                    /** @description May be absent when text is given */
                    payload?: Record<string, unknown>;
                    /** @description What is embedded; absent: derived from the payload */
                    text?: string;
                    /**
                     * @default episodic
                     * @enum {string}
                     */
                    memory_type?: "episodic" | "semantic";
                    user_id?: string;
                    agent_id?: string;
                    thread_id?: string;
                    actor?: string;
                    /** @default [] */
                    tags?: string[];
                    /** @default 0.5 */
                    importance?: number;
                    /** Format: date-time */
                    occurred_at?: string;
                    /** Format: date-time */
                    expires_at?: string;
                    ttl_seconds?: number;
                };
            };
        };
        responses: {
            /** @description The memory was replaced, and that is durable */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteResult"];
                };
            };
            /** @description The memory is new, and that is durable */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteResult"];
                };
            };
            /** @description The command will be carried out; not yet known how it ends */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteResult"];
                };
            };
        };
    };
    getMemory: {
        parameters: {
            query?: {
                version?: number;
                as_of?: string;
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
                /** @description On a write *: only when there is none. On a read: the ETag at hand */
                "If-None-Match"?: string;
            };
            path: {
                coord: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The memory */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        memory: components["schemas"]["Memory"];
                    };
                };
            };
        };
    };
    replaceMemory: {
        parameters: {
            query?: {
                until?: "accepted" | "stored" | "indexed";
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description The same key with the same request gives the first outcome again, for 8 days */
                "Idempotency-Key"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
                /** @description "<version>", a whole ETag, *, or a list */
                "If-Match"?: string;
                /** @description On a write *: only when there is none. On a read: the ETag at hand */
                "If-None-Match"?: string;
            };
            path: {
                coord: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description May be absent when text is given */
                    payload?: Record<string, unknown>;
                    /** @description What is embedded; absent: derived from the payload */
                    text?: string;
                    /**
                     * @default episodic
                     * @enum {string}
                     */
                    memory_type?: "episodic" | "semantic";
                    user_id?: string;
                    agent_id?: string;
                    thread_id?: string;
                    actor?: string;
                    /** @default [] */
                    tags?: string[];
                    /** @default 0.5 */
                    importance?: number;
                    /** Format: date-time */
                    occurred_at?: string;
                    /** Format: date-time */
                    expires_at?: string;
                    ttl_seconds?: number;
                };
            };
        };
        responses: {
            /** @description The memory was replaced, and that is durable */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteResult"];
                };
            };
            /** @description The memory is new, and that is durable */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteResult"];
                };
            };
            /** @description The command will be carried out; not yet known how it ends */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteResult"];
                };
            };
        };
    };
    deleteMemory: {
        parameters: {
            query?: {
                until?: "accepted" | "stored" | "indexed";
                erase?: boolean;
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description The same key with the same request gives the first outcome again, for 8 days */
                "Idempotency-Key"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
                /** @description "<version>", a whole ETag, *, or a list */
                "If-Match"?: string;
                /** @description On a write *: only when there is none. On a read: the ETag at hand */
                "If-None-Match"?: string;
            };
            path: {
                coord: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description There is no such memory any more */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        coord: string;
                        namespace: string;
                        memory_type: string | null;
                        /** @constant */
                        ok: true;
                        /** @enum {string} */
                        status: "accepted" | "stored" | "indexed";
                        version: number | null;
                        /** Format: uuid */
                        operation_id: string;
                        deleted?: boolean;
                        log_clean_by?: {
                            [key: string]: string;
                        };
                    };
                };
            };
            /** @description The command will be carried out; not yet known how it ends */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteResult"];
                };
            };
        };
    };
    patchMemory: {
        parameters: {
            query?: {
                until?: "accepted" | "stored" | "indexed";
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description The same key with the same request gives the first outcome again, for 8 days */
                "Idempotency-Key"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
                /** @description "<version>", a whole ETag, *, or a list */
                "If-Match"?: string;
                /** @description On a write *: only when there is none. On a read: the ETag at hand */
                "If-None-Match"?: string;
            };
            path: {
                coord: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": {
                    payload?: Record<string, unknown> | null;
                    text?: string | null;
                    memory_type?: ("episodic" | "semantic") | null;
                    user_id?: string | null;
                    agent_id?: string | null;
                    thread_id?: string | null;
                    actor?: string | null;
                    tags?: string[] | null;
                    importance?: number | null;
                    occurred_at?: string | null;
                    expires_at?: string | null;
                    ttl_seconds?: number | null;
                };
                "application/json": {
                    payload?: Record<string, unknown> | null;
                    text?: string | null;
                    memory_type?: ("episodic" | "semantic") | null;
                    user_id?: string | null;
                    agent_id?: string | null;
                    thread_id?: string | null;
                    actor?: string | null;
                    tags?: string[] | null;
                    importance?: number | null;
                    occurred_at?: string | null;
                    expires_at?: string | null;
                    ttl_seconds?: number | null;
                };
            };
        };
        responses: {
            /** @description The memory was replaced, and that is durable */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteResult"];
                };
            };
            /** @description The command will be carried out; not yet known how it ends */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WriteResult"];
                };
            };
        };
    };
    getMemories: {
        parameters: {
            query?: never;
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    coords: string[];
                };
            };
        };
        responses: {
            /** @description The memories, by position */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        memories: (components["schemas"]["Memory"] | null)[];
                    };
                };
            };
        };
    };
    getRange: {
        parameters: {
            query: {
                min: string;
                max: string;
                limit?: number;
                cursor?: string;
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        memories: components["schemas"]["Memory"][];
                        /** @description Null at the end. A page before it may be short, even empty */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    countMemories: {
        parameters: {
            query?: never;
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    user_id?: string;
                    agent_id?: string;
                    thread_id?: string;
                    /** @enum {string} */
                    memory_type?: "episodic" | "semantic";
                    /** @description A tag that the memory has */
                    tag?: string;
                    filters?: Record<string, unknown>;
                };
            };
        };
        responses: {
            /** @description How many there are */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        count: number;
                    };
                };
            };
        };
    };
    getMemoryHistory: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
            };
            path: {
                coord: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        versions: {
                            version: number;
                            /** Format: date-time */
                            at: string;
                            /** Format: uuid */
                            operation_id: string;
                            /** @description The subject of the token that sent it */
                            issuer: string;
                            deleted: boolean;
                            /** @description Null of a deletion */
                            memory: components["schemas"]["Memory"] | null;
                        }[];
                        /** @description Null at the end. A page before it may be short, even empty */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    listNamespaces: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page, in one order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        namespaces: {
                            namespace: string;
                        }[];
                        /** @description Null at the end. A page before it may be short, even empty */
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
    writeBatch: {
        parameters: {
            query?: {
                until?: "accepted" | "stored" | "indexed";
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description The same key with the same request gives the first outcome again, for 8 days */
                "Idempotency-Key"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    operations: ({
                        /** @constant */
                        op: "put";
                        /**
                         * @description The name of a memory: comma-separated numbers, or 1–200 of A-Z a-z 0-9 . _ : ~ @ + -
                         * @example 42,17
                         */
                        coord?: string;
                        /** @description May be absent when text is given */
                        payload?: Record<string, unknown>;
                        /** @description What is embedded; absent: derived from the payload */
                        text?: string;
                        /**
                         * @default episodic
                         * @enum {string}
                         */
                        memory_type?: "episodic" | "semantic";
                        user_id?: string;
                        agent_id?: string;
                        thread_id?: string;
                        actor?: string;
                        /** @default [] */
                        tags?: string[];
                        /** @default 0.5 */
                        importance?: number;
                        /** Format: date-time */
                        occurred_at?: string;
                        /** Format: date-time */
                        expires_at?: string;
                        ttl_seconds?: number;
                        if_version?: number;
                        if_absent?: boolean;
                    } | {
                        /** @constant */
                        op: "patch";
                        /**
                         * @description The name of a memory: comma-separated numbers, or 1–200 of A-Z a-z 0-9 . _ : ~ @ + -
                         * @example 42,17
                         */
                        coord: string;
                        payload?: Record<string, unknown> | null;
                        text?: string | null;
                        memory_type?: ("episodic" | "semantic") | null;
                        user_id?: string | null;
                        agent_id?: string | null;
                        thread_id?: string | null;
                        actor?: string | null;
                        tags?: string[] | null;
                        importance?: number | null;
                        occurred_at?: string | null;
                        expires_at?: string | null;
                        ttl_seconds?: number | null;
                        if_version?: number;
                        if_absent?: boolean;
                    } | {
                        /** @constant */
                        op: "delete";
                        /**
                         * @description The name of a memory: comma-separated numbers, or 1–200 of A-Z a-z 0-9 . _ : ~ @ + -
                         * @example 42,17
                         */
                        coord: string;
                        if_version?: number;
                        if_absent?: boolean;
                    })[];
                };
            };
        };
        responses: {
            /** @description What became of each, in order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        results: (components["schemas"]["WriteResult"] | components["schemas"]["RejectedResult"])[];
                    };
                };
            };
            /** @description What is known of each so far, in order */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        results: (components["schemas"]["WriteResult"] | components["schemas"]["RejectedResult"])[];
                    };
                };
            };
        };
    };
    storeMessages: {
        parameters: {
            query?: {
                until?: "accepted" | "stored" | "indexed";
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description The same key with the same request gives the first outcome again, for 8 days */
                "Idempotency-Key"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    messages: {
                        role: string;
                        content: string;
                        name?: string;
                        /** Format: date-time */
                        occurred_at?: string;
                        /**
                         * @description The name of a memory: comma-separated numbers, or 1–200 of A-Z a-z 0-9 . _ : ~ @ + -
                         * @example 42,17
                         */
                        coord?: string;
                    }[];
                    user_id?: string;
                    agent_id?: string;
                    thread_id?: string;
                    /** @default [] */
                    tags?: string[];
                    ttl_seconds?: number;
                };
            };
        };
        responses: {
            /** @description What became of each, in order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        results: (components["schemas"]["WriteResult"] | components["schemas"]["RejectedResult"])[];
                    };
                };
            };
            /** @description What is known of each so far, in order */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        results: (components["schemas"]["WriteResult"] | components["schemas"]["RejectedResult"])[];
                    };
                };
            };
        };
    };
    deleteMemories: {
        parameters: {
            query?: {
                until?: "accepted" | "stored" | "indexed";
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description The same key with the same request gives the first outcome again, for 8 days */
                "Idempotency-Key"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Every $or branch must say what matches, unless all is true. Kept with the operation for 8 days */
                    filters?: Record<string, unknown>;
                    /**
                     * @description Means nearly everything, and means it
                     * @constant
                     */
                    all?: true;
                    user_id?: string;
                    agent_id?: string;
                    thread_id?: string;
                    /** @enum {string} */
                    memory_type?: "episodic" | "semantic";
                    /**
                     * @description When more match, the answer is 409 too_many_matched and nothing is deleted
                     * @default 10000
                     */
                    at_most?: number;
                    /**
                     * @description Only count what matches
                     * @default false
                     */
                    dry_run?: boolean;
                    /**
                     * @description History and the content of dead letters go too, also of expired memories. Wants the role admin
                     * @default false
                     */
                    erase?: boolean;
                };
            };
        };
        responses: {
            /** @description All that matched is deleted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description How far it is; the operation goes on */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
        };
    };
    searchMemoriesByQuery: {
        parameters: {
            query: {
                query: string;
                top_k?: number;
                offset?: number;
                mode?: "hybrid" | "dense" | "keyword";
                user_id?: string;
                agent_id?: string;
                thread_id?: string;
                memory_type?: "episodic" | "semantic";
                filters?: string;
                min_similarity?: number;
                context?: number;
                importance_weight?: number;
                explain?: boolean;
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was found, best first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        memories: {
                            coord: string;
                            coordinate: number[] | null;
                            namespace: string;
                            /** @enum {string} */
                            memory_type: "episodic" | "semantic";
                            payload: {
                                [key: string]: unknown;
                            };
                            text: string;
                            user_id: string | null;
                            agent_id: string | null;
                            thread_id: string | null;
                            actor: string | null;
                            tags: string[];
                            importance: number;
                            version: number;
                            occurred_at: string | null;
                            expires_at: string | null;
                            /** Format: date-time */
                            created_at: string;
                            /** Format: date-time */
                            updated_at: string;
                            score: number;
                            similarity: number | null;
                            context?: components["schemas"]["Memory"][];
                            explain?: {
                                [key: string]: {
                                    value: number;
                                    contribution: number;
                                };
                            };
                        }[];
                        degraded: boolean;
                        degraded_reasons: string[];
                        took_ms: number;
                    };
                };
            };
        };
    };
    searchMemories: {
        parameters: {
            query?: never;
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    query: string;
                    /** @default 5 */
                    top_k?: number;
                    /** @default 0 */
                    offset?: number;
                    /**
                     * @default hybrid
                     * @enum {string}
                     */
                    mode?: "hybrid" | "dense" | "keyword";
                    user_id?: string;
                    agent_id?: string;
                    thread_id?: string;
                    /** @enum {string} */
                    memory_type?: "episodic" | "semantic";
                    filters?: Record<string, unknown>;
                    min_similarity?: number;
                    /** @default 0 */
                    context?: number;
                    recency?: {
                        /**
                         * @description Minutes, hours, days or weeks
                         * @example 7d
                         */
                        half_life: string;
                        weight: number;
                    };
                    /** @default 0 */
                    importance_weight?: number;
                    /** @default false */
                    explain?: boolean;
                };
            };
        };
        responses: {
            /** @description What was found, best first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        memories: {
                            coord: string;
                            coordinate: number[] | null;
                            namespace: string;
                            /** @enum {string} */
                            memory_type: "episodic" | "semantic";
                            payload: {
                                [key: string]: unknown;
                            };
                            text: string;
                            user_id: string | null;
                            agent_id: string | null;
                            thread_id: string | null;
                            actor: string | null;
                            tags: string[];
                            importance: number;
                            version: number;
                            occurred_at: string | null;
                            expires_at: string | null;
                            /** Format: date-time */
                            created_at: string;
                            /** Format: date-time */
                            updated_at: string;
                            score: number;
                            similarity: number | null;
                            context?: components["schemas"]["Memory"][];
                            explain?: {
                                [key: string]: {
                                    value: number;
                                    contribution: number;
                                };
                            };
                        }[];
                        degraded: boolean;
                        degraded_reasons: string[];
                        took_ms: number;
                    };
                };
            };
        };
    };
    linkMemories: {
        parameters: {
            query?: {
                until?: "accepted" | "stored" | "indexed";
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description The same key with the same request gives the first outcome again, for 8 days */
                "Idempotency-Key"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description The name of a memory: comma-separated numbers, or 1–200 of A-Z a-z 0-9 . _ : ~ @ + -
                     * @example 42,17
                     */
                    from_coord: string;
                    /**
                     * @description The name of a memory: comma-separated numbers, or 1–200 of A-Z a-z 0-9 . _ : ~ @ + -
                     * @example 42,17
                     */
                    to_coord: string;
                    /** @default related */
                    type?: string;
                    /** @default 1 */
                    weight?: number;
                    /** @default {} */
                    properties?: Record<string, unknown>;
                };
            };
        };
        responses: {
            /** @description The link was replaced, and that is durable */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkResult"];
                };
            };
            /** @description The link is new, and that is durable */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkResult"];
                };
            };
            /** @description The command will be carried out; not yet known how it ends */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkResult"];
                };
            };
        };
    };
    unlinkMemories: {
        parameters: {
            query: {
                until?: "accepted" | "stored" | "indexed";
                from_coord: string;
                to_coord: string;
                type?: string;
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description The same key with the same request gives the first outcome again, for 8 days */
                "Idempotency-Key"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description There is no such link any more */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkResult"];
                };
            };
            /** @description The command will be carried out; not yet known how it ends */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkResult"];
                };
            };
        };
    };
    getNeighbors: {
        parameters: {
            query: {
                coord: string;
                type?: string;
                direction?: "out" | "in" | "both";
                depth?: number;
                limit?: number;
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The memories and the links between them */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        nodes: {
                            coord: string;
                            coordinate: number[] | null;
                            namespace: string;
                            /** @enum {string} */
                            memory_type: "episodic" | "semantic";
                            payload: {
                                [key: string]: unknown;
                            };
                            text: string;
                            user_id: string | null;
                            agent_id: string | null;
                            thread_id: string | null;
                            actor: string | null;
                            tags: string[];
                            importance: number;
                            version: number;
                            occurred_at: string | null;
                            expires_at: string | null;
                            /** Format: date-time */
                            created_at: string;
                            /** Format: date-time */
                            updated_at: string;
                            depth: number;
                        }[];
                        links: components["schemas"]["Link"][];
                    };
                };
            };
        };
    };
    getPath: {
        parameters: {
            query: {
                from_coord: string;
                to_coord: string;
                type?: string;
                max_depth?: number;
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
                /** @description The answer is at least as new as these writes; the answer to a write covers both */
                "Soma-Consistency-Token"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The memories and links of the path, in order, and its cost */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        nodes: {
                            coord: string;
                            coordinate: number[] | null;
                            namespace: string;
                            /** @enum {string} */
                            memory_type: "episodic" | "semantic";
                            payload: {
                                [key: string]: unknown;
                            };
                            text: string;
                            user_id: string | null;
                            agent_id: string | null;
                            thread_id: string | null;
                            actor: string | null;
                            tags: string[];
                            importance: number;
                            version: number;
                            occurred_at: string | null;
                            expires_at: string | null;
                            /** Format: date-time */
                            created_at: string;
                            /** Format: date-time */
                            updated_at: string;
                            depth: number;
                        }[];
                        links: components["schemas"]["Link"][];
                        cost: number;
                    };
                };
            };
        };
    };
    getOperation: {
        parameters: {
            query?: {
                token?: string;
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The operation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
        };
    };
    followEvents: {
        parameters: {
            query?: {
                user_id?: string;
                agent_id?: string;
                thread_id?: string;
                memory_type?: "episodic" | "semantic";
                filters?: string;
                after?: string;
                since?: string;
                limit?: number;
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
                /** @description id of the last event seen: what came behind it */
                "Last-Event-ID"?: string;
                /** @description wait=N seconds, at most 30; respond-async */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events from now on, or from where they were left; as JSON, those that there are */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        events: {
                            id: string;
                            /** @enum {string} */
                            event: "memory.stored" | "memory.deleted";
                            data: {
                                coord: string;
                                version: number;
                                /** @description Null of a deletion */
                                memory: components["schemas"]["Memory"] | null;
                                /** Format: uuid */
                                operation_id: string;
                                /** Format: date-time */
                                at: string;
                            };
                        }[];
                        /** @description after of the next page, also when this one is empty */
                        next: string;
                    };
                    "text/event-stream": string;
                };
            };
        };
    };
    exportMemories: {
        parameters: {
            query?: {
                user_id?: string;
                agent_id?: string;
                thread_id?: string;
                memory_type?: "episodic" | "semantic";
                tag?: string;
                filters?: string;
                cursor?: string;
            };
            header?: {
                /** @description The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN */
                "Soma-Namespace"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A memory a line, by coord. After every page a line with its next_cursor; the last one is null when all were sent */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": unknown;
                };
            };
        };
    };
}
