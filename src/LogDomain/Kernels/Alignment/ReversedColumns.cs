namespace LogDomain.Kernels.Alignment;

/// <summary>
/// Columns from the last to the first, for a sequence from its last symbol to its first: the sum over all paths up to a match is that over all paths from it on in the model itself. Its blocks are those of the model.
/// </summary>
/// <remarks>A path through the model passes a transition out of node k, and one through this model passes it out of node K - k, from what it led to. Ends have no part in what is read here: there are none.</remarks>
internal sealed class ReversedColumns : ColumnModel
{
    // The kind of a transition read backwards.
    private static readonly int[] Kinds = [MM, MI, MD, DD, DM, IM, II, DI, ID];

    private readonly ColumnModel _model;
    private readonly ColumnBlock?[] _blocks;

    public ReversedColumns(ColumnModel model)
        : base(isLogarithmic: false)
    {
        _model = model;
        _blocks = new ColumnBlock?[model.Blocks];
        Entry = model.EndsAnywhere || model.EndsInLastRow ? 1 : 0;
        EntersAnyRow = model.EndsAnywhere;
        StartsFirst = model.EndsInCorner;
        StartsLater = model.EndsInColumn;
    }

    public override int Columns => _model.Columns;

    public override int Symbols => _model.Symbols;

    public override int BlockWidth => _model.BlockWidth;

    public override bool HasCrossings => _model.HasCrossings;

    public override double Transition(int node, int kind) => (node, kind) switch
    {
        (0, MM) => _model.EndMatch,
        (0, MI) => _model.EndInsert,
        (0, MD) => _model.EndDelete,
        (0, DM or DD or DI) => 0,   // there is no deletion before the first column
        _ => _model.Transition(Columns - node, Kinds[kind]),
    };

    public override double Match(int node, int symbol) => _model.Match(Columns + 1 - node, symbol);

    public override double Insert(int node, int symbol) => _model.Insert(Columns - node, symbol);

    /// <summary>The columns of the model's block <paramref name="block"/>, counted from its last one.</summary>
    public override ColumnBlock Block(int block)
    {
        int own = Blocks - 1 - block, width = _model.WidthOf(own);
        return _blocks[block] ??= new(this, Columns - (own * BlockWidth) - width, width);
    }
}
