namespace LogDomain.Kernels.Alignment;

/// <summary>The second sequence of a pair as columns: an insertion is a symbol of the first sequence alone, a deletion one of the second alone.</summary>
internal sealed class PairColumns : ColumnModel
{
    // Of a PairModel's transitions (from three times, to) in the order of the kinds.
    private static readonly int[] Places = [0, 3, 6, 8, 2, 1, 4, 5, 7];

    private readonly PairModel _model;
    private readonly double[] _transitions;
    private readonly double[] _begin;
    private readonly double[] _pairs;
    private readonly double[] _singles;

    /// <summary>Columns that share an exponent: as many as the first-level cache holds, and a few for gaps that cost much.</summary>
    public const int Wide = 192, Narrow = 64;

    public PairColumns(PairModel model, bool isLogarithmic = false, int width = Wide)
        : base(isLogarithmic)
    {
        BlockWidth = width;
        _model = model;
        _transitions = [.. Places.Select(place => FromLog(model.Transitions[place]))];
        _begin = [.. model.Begin.Select(FromLog)];
        _pairs = [.. model.Pairs.Select(FromLog)];
        _singles = [.. model.Singles.Select(FromLog)];
        StartsFirst = model.Region == PairRegion.Whole;
        Entry = StartsFirst ? Zero : _begin[PairModel.Match];
        EntersAnyRow = EndsAnywhere = model.Region == PairRegion.Anywhere;
        StartsLater = EndsInLastRow = EndsInColumn = model.Region == PairRegion.Borders;
        EndsInCorner = StartsFirst;
        EndMatch = FromLog(model.End[PairModel.Match]);
        EndInsert = FromLog(model.End[PairModel.First]);
        EndDelete = FromLog(model.End[PairModel.Second]);
    }

    public override int Columns => _model.B.Length;

    public override int BlockWidth { get; }

    public override bool HasCrossings => _transitions[ID] > Zero || _transitions[DI] > Zero;

    public override int Symbols => _model.Symbols;

    public override double Transition(int node, int kind)
    {
        double value = node > 0 ? _transitions[kind] : kind switch { MM => _begin[PairModel.Match], MI => _begin[PairModel.First], MD => _begin[PairModel.Second], _ => _transitions[kind] };
        return kind is MD or ID or DD ? Times(value, _singles[_model.B[node]]) : value;
    }

    public override double Match(int node, int symbol) => _pairs[(symbol * Symbols) + _model.B[node - 1]];

    public override double Insert(int node, int symbol) => _singles[symbol];
}
