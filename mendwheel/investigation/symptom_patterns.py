"""The wordings of trouble, one row a family: what operators and runtimes print when it happens.

A row is (family, weight, needles, pattern). Weight: about 0.9 names the cause, 0.7 is a clear
failure, 0.5 a bad state whose cause lies elsewhere. Needles are lower-case substrings, one of which
every text that the pattern matches must hold; they are tested first because that is cheap.
"""

PATTERNS: tuple[tuple[str | None, float, str, str], ...] = (
    (
        "memory",
        0.9,
        "oom|memory|137|heap",
        r"OOM-?Killed|out of memory|OutOfMemory|exit[ _]code[=: ]*137|MemoryError|heap space|"
        r"oom_score|cannot allocate memory",
    ),
    (
        "image",
        0.9,
        "image|manifest|pull|repository",
        r"ImagePullBackOff|ErrImagePull|InvalidImageName|failed to pull( and unpack)? image|"
        r"manifest (unknown|for \S+ not found)|pull access denied|repository does not exist|"
        r"back-off pulling image",
    ),
    (
        "capacity",
        0.92,
        "insufficient|outof",
        r"Insufficient [\w./-]+|OutOf(cpu|pods)\b",
    ),
    (
        "scheduling",
        0.88,
        "n't match|taint|nodeselector|affinity",
        r"didn't match Pod's node (affinity|selector)[\w/]*|untolerated taint|node\(s\) didn't "
        r"match|MatchNodeSelector|had (untolerated )?taint|volume node affinity",
    ),
    (
        "storage",
        0.92,
        "storageclass|provisioning|unbound|persistentvolumeclaim|attach",
        r"storageclass[\w.]{0,20} \"?\S+ not found|ProvisioningFailed|unbound immediate "
        r"PersistentVolumeClaims?|persistentvolumeclaim \S+ not found|FailedAttachVolume|"
        r"multi-attach error",
    ),
    ("storage", 0.6, "mount", r"FailedMount|MountVolume\.\w+ failed|unable to (attach or )?mount"),
    (
        "disk",
        0.92,
        "no space|ephemeral-storage|pressure|full|storage|disk|quota|exhausted",
        r"no space left on device|low on resource: ephemeral-storage|disk_?pressure\W+true|"
        r"DiskPressure\b(?!.{0,40}False)|disk (is )?full|disk quota exceeded|"
        r"(storage|disk)( space)? (is |running )?(critically )?low|"
        r"low (on )?(storage|disk)( space)?\b|"
        r"(volume|filesystem|storage) (is |has been )?(full|exhausted)",
    ),
    (
        "configuration",
        0.9,
        "not found|invalid|unknown|missing|no such file|environment|config|keyerror|"
        "couldn't find key",
        r"(namespace|configmap|secret|ingressclass)(e?s)? \"?\S{1,100} not found|"
        r"CreateContainerConfigError|invalid (config|configuration|setting|yaml)|"
        r"unknown (flag|field|option|setting)|"
        r"missing (required )?(env|environment|config|setting|parameter)[\w ]*|"
        r"config\S{0,80} .{0,80}no such file or directory|"
        r"environment variable \S+ (is )?(not set|missing|required)|couldn't find key|"
        r"KeyError: '[A-Z_]+'|(pars\w+|load\w*|read\w*) \S*config\w* ?(error|failed)",
    ),
    (
        "configuration",
        0.75,
        "endpoints",
        r"no (active |ready )?endpoints",
    ),
    (
        "policy",
        0.88,
        "networkpolic|deny|network policy|block-",
        r"networkpolic\w+/\S*(deny|block|isolat|restrict)\S*|\b(deny|block)-(all|egress|ingress)"
        r"[\w-]*|default-deny[\w-]*|(blocked|denied) by network ?policy",
    ),
    (
        "dns",
        0.86,
        "resol|known|no such host|enotfound|eai_again|nxdomain|getaddrinfo|servfail|dns|address",
        r"failed to resolve|could not (be )?resolved?|couldn't resolve|NameResolutionError|"
        r"name or service not known|temporary failure in name resolution|no such host|ENOTFOUND|"
        r"EAI_AGAIN|NXDOMAIN|getaddrinfo|SERVFAIL|unknown ?host|bad address '|"
        r"dns (lookup|resolution)? ?(error|fail\w*)",
    ),
    (
        "certificate",
        0.88,
        "x509|certificate|sslhandshake|tls",
        r"x509: |certificate (has )?(expired|is not yet valid|verify failed)|SSLHandshake\w*|"
        r"tls: (bad|failed|handshake)|CERTIFICATE_VERIFY_FAILED|expired certificate",
    ),
    (
        "permission",
        0.84,
        "denied|forbidden|unauthorized|401|403|authori|authenti|credential|token|api key|accessd",
        r"permission denied|access ?denied|\bforbidden\b|\bunauthorized\b|not authorized|"
        r"(?<![.,:\d])\b40[13]\b (client )?(error|forbidden|unauth)|AccessDenied\w*|"
        r"(password )?authentication failed|invalid (credentials|token|api key)",
    ),
    (
        "connections",
        0.9,
        "too many|pool|connection",
        r"too many (connections|clients|open files)|connection pool (is )?(exhausted|full|timed? ?"
        r"out)|remaining connection slots|max_connections|pool (is )?(exhausted|limit)|"
        r"QueuePool limit|ConnectionPoolTimeout|unable to acquire (a )?connection|"
        r"connections? (are |slots )?exhausted",
    ),
    ("failover", 0.9, "failover|fail-over", r"\bfail-?over\b"),
    (
        "node",
        0.88,
        "node|kubelet|systemoom|kernel|instance|hardware|interruption",
        r"Node(Not ?Ready|Lost|Unreachable)|"
        r"node( [\w.-]{1,80})? ((is|was) )?(not ?ready|lost|unreachable)|"
        r"kubelet (has )?stopped (posting|reporting)|KubeletNotReady|NodeStatusUnknown|SystemOOM|"
        r"kernel deadlock|instance (was |is )?(terminated|retired)|hardware (failure|error)|"
        r"spot interruption",
    ),
    (
        "network",
        0.85,
        "partition|split|packet loss",
        r"network[ _]partition|split[- ]brain|partitioned (network|cluster)|packet loss",
    ),
    (
        "quota",
        0.85,
        "rate limit|too many requests|quota|throttl",
        r"rate limit|too many requests|quota exceeded|exceeded quota|throttl(ed|ing)",
    ),
    (
        "lag",
        0.85,
        "lag|behind|replication slot",
        r"replication lag|replica(s)? (is|are) (lagging|behind)|replication slot|"
        r"WAL (sender|apply) (lag|delay)|ReplicaLag",
    ),
    (
        "disk",
        0.8,
        "checkpoint|i/o|queue|iops|disk",
        r"checkpoints? (are )?(occurring )?too (frequent|often)\w*|i/o wait|disk ?queue ?depth|"
        r"IOPS (limit|exhaust)|(disk|i/o) (is )?saturat\w*",
    ),
    (
        "cpu",
        0.75,
        "cpu|load average",
        r"cpu (utilization|usage|load)?[\w ]{0,40}(exceed\w*|above|high|saturat\w*|throttl\w*)|"
        r"load average (is )?(high|above)|cpu starvation",
    ),
    (
        "dependency",
        0.82,
        "tried|connect|econn|no route|unreachable|upstream|networkerror|timeouterror|gateway|"
        "unavailable|broken pipe|retries|incompatible|unsupported|no available|no healthy|"
        "no reachable|serverselection|50",
        r"no (available|reachable|healthy) (connection|server|host|node|upstream|backend)s?|"
        r"all (hosts?|servers?|nodes?)\S* tried|connection (was )?(refused|reset)|ECONNREFUSED|"
        r"ECONNRESET|(could not|couldn't|cannot|unable to|failed to) connect|no route to host|"
        r"(host|network) is unreachable|upstream (connect|timed)|"
        r"\b\w+(Network|ServerSelection|Connection)(Timeout)?Error|bad gateway|service unavailable|"
        r"\b(HTTP|status)\W{0,3}(code\W{0,3})?50[234]\b|broken pipe|max retries exceeded|"
        r"(incompatible|unsupported) (driver|client|server|version|protocol)|"
        r"(driver|client|server|version) (is )?(incompatible|unsupported)",
    ),
    (
        "latency",
        0.6,
        "deadline|timed|timeout|time out|slow|too long",
        r"deadline exceeded|timed? ?out|timeout|\bslow (query|request|response)|took too long",
    ),
    ("probe", 0.75, "probe|unhealthy", r"(liveness|readiness|startup) probe (failed|errored)"),
    (
        "data",
        0.82,
        "schema|column|field|constraint|duplicate key|quality|validation|corrupt|malformed|"
        "type mismatch",
        r"schema (mismatch|validation|violation)|missing (column|field)s?|null value in column|"
        r"unexpected column|constraint violat|duplicate key|type mismatch|"
        r"data (quality|validation) (check )?(error|fail\w*)|"
        r"corrupt(ed)? (data|record|row|file)|malformed (record|row|payload)",
    ),
    (
        "code",
        0.7,
        "pointer|panic|segmentation|traceback|error|unhandled|illegal|classnot|nomethod|undefined|"
        "overflow|exception|uncaught",
        r"NullPointer\w*|\bpanic: |segmentation fault|Traceback \(most recent|"
        r"\b(Type|Value|Attribute|Key|Index|Assertion|Reference|Syntax|ZeroDivision|"
        r"ModuleNotFound|Import|Runtime)Error\b|unhandled (exception|promise|error)|"
        r"IllegalState\w*|IllegalArgument\w*|ClassNotFound\w*|NoMethodError|"
        r"undefined (method|variable|is not)|stack ?overflow|threw exception|"
        r"exception in thread|uncaught",
    ),
    (
        "deployment",
        0.55,
        "progressdeadline|rollout|deploy|release|sync",
        r"ProgressDeadlineExceeded|out[ -]?of[ -]?sync|"
        r"(rollout|deploy\w*|sync|release) (has )?(failed|is stuck|stuck)",
    ),
    (
        None,
        0.55,
        "backoff|back-off|evicted|failedsch|failedcreate|runcontainer|exit|unschedul|notready|"
        "deadlineex|unhealthy|0/",
        r"CrashLoopBackOff|BackOff\b(?! limit)|BackoffLimitExceeded|back-off restarting|"
        r"\bEvicted\b|FailedScheduling|FailedCreate\w*|RunContainerError|exit[ _]code:? +[1-9]\d*|"
        r"Unschedulable|ContainersNotReady|DeadlineExceeded|\bUnhealthy\b|"
        r"\b0/[1-9]\d?\s+(Pending|Unknown|ContainerCreating|Init:\S+)",
    ),
    (
        None,
        0.42,
        "fatal|critical|panic|emerg|excep|error|fail|not found|denied|refused|unavailable|"
        "unreachable|crash|abort|invalid|missing",
        r"\b(fatal|critical|panic|emerg(ency)?)\b|Exception\b|\berrors?\b|"
        r"\bfail(ed|ure|s|ing)?\b|\bnot found\b|\bdenied\b|\brefused\b|\bunavailable\b|"
        r"\bunreachable\b|\bcrash\w*|\baborted\b|\binvalid\b|\bmissing\b",
    ),
)
