namespace LogDomain.Kernels.Alignment;

/// <summary>A profile as columns, in stripes once and for all.</summary>
internal sealed class ProfileColumns : ColumnModel
{
    // Of the seven transitions of a node in the order of the kinds; there is none between insertion and deletion.
    private static readonly int[] Places =
    [
        ProfileParameters.MM, ProfileParameters.IM, ProfileParameters.DM, ProfileParameters.DD, ProfileParameters.MD, ProfileParameters.MI, ProfileParameters.II, -1, -1,
    ];

    private readonly ProfileParameters _profile;
    private readonly ColumnBlock[] _blocks;

    public ProfileColumns(ProfileParameters profile)
    {
        _profile = profile;
        Entry = profile.IsLocal ? profile.Entry : 0;
        EntersAnyRow = EndsAnywhere = profile.IsLocal;
        StartsFirst = !profile.IsLocal;
        StartsLater = EndsInColumn = StartsFirst && !profile.IsGlobal;
        EndsInCorner = StartsFirst;
        EndMatch = Transition(profile.Nodes, MM);
        EndInsert = profile.IsGlobal ? Transition(profile.Nodes, IM) : 0;
        EndDelete = Transition(profile.Nodes, DM);
        _blocks = [.. Enumerable.Range(0, (Columns + BlockWidth - 1) / BlockWidth).Select(block => base.Block(block * BlockWidth))];
    }

    public override int Columns => _profile.Nodes;

    public override int BlockWidth => 256;

    public override bool HasCrossings => false;

    public override int Symbols => _profile.Symbols + 1;

    public override double Transition(int node, int kind)
    {
        int place = Places[kind];
        bool isThere = place >= 0 && (place is not (ProfileParameters.MI or ProfileParameters.II) || _profile.HasInsert(node));
        return isThere ? ScalarFunctions.Exp(_profile.Transitions[(node * 7) + place]) : 0;
    }

    public override double Match(int node, int symbol) => ScalarFunctions.Exp(_profile.Matches[(node * Symbols) + symbol]);

    public override double Insert(int node, int symbol) => ScalarFunctions.Exp(_profile.Inserts[(node * Symbols) + symbol]);

    public override ColumnBlock Block(int first) => _blocks[first / BlockWidth];
}
