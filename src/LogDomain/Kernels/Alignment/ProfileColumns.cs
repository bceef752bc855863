using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Alignment;

/// <summary>A profile as columns, each block of them made once: two threads that come here at once make the same.</summary>
internal sealed class ProfileColumns : ColumnModel
{
    // Of the seven transitions of a node in the order of the kinds; there is none between insertion and deletion.
    private static readonly int[] Places =
    [
        ProfileParameters.MM, ProfileParameters.IM, ProfileParameters.DM, ProfileParameters.DD, ProfileParameters.MD, ProfileParameters.MI, ProfileParameters.II, -1, -1,
    ];

    private readonly ProfileParameters _profile;
    private readonly ColumnBlock?[] _blocks;
    private readonly ColumnLogs?[] _logs;
    private ReversedColumns? _reversed;

    public ProfileColumns(ProfileParameters profile, bool isLogarithmic = false)
        : base(isLogarithmic)
    {
        _profile = profile;
        _blocks = new ColumnBlock?[Blocks];
        _logs = new ColumnLogs?[LogBlocks];
        Entry = !profile.IsLocal ? Zero : isLogarithmic ? Scalar.Log(profile.Entry) : profile.Entry;
        EntersAnyRow = EndsAnywhere = profile.IsLocal;
        StartsFirst = !profile.IsLocal;
        StartsLater = EndsInColumn = StartsFirst && !profile.IsGlobal;
        EndsInCorner = StartsFirst;
        EndMatch = Transition(profile.Nodes, MM);
        EndInsert = Transition(profile.Nodes, IM);
        EndDelete = Transition(profile.Nodes, DM);
    }

    public override int Columns => _profile.Nodes;

    public override int BlockWidth => 256;

    public override bool HasCrossings => false;

    public override int Symbols => _profile.Symbols + 1;

    public override double Transition(int node, int kind)
    {
        int place = Places[kind];
        bool isThere = place >= 0 && (place is not (ProfileParameters.MI or ProfileParameters.II or ProfileParameters.IM) || _profile.HasInsert(node));
        return isThere ? FromLog(_profile.Transitions[(node * 7) + place]) : Zero;
    }

    public override double Match(int node, int symbol) => FromLog(_profile.Matches[(node * Symbols) + symbol]);

    public override double Insert(int node, int symbol) => FromLog(_profile.Inserts[(node * Symbols) + symbol]);

    public override ColumnBlock Block(int block) => _blocks[block] ??= base.Block(block);

    public override ColumnLogs Logs(int block) => _logs[block] ??= base.Logs(block);

    public override ReversedColumns Reversed() => _reversed ??= base.Reversed();
}
