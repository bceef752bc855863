namespace LogDomain.Kernels.Alignment;

/// <summary>
/// What a sequence is aligned with: columns, each with a match (takes a symbol), an insertion after it (takes a symbol) and a deletion (takes none). A profile, or another sequence.
/// Node 0 is before the first column. All numbers are probabilities, or all are logarithms of them.
/// </summary>
internal abstract class ColumnModel(bool isLogarithmic)
{
    /// <summary>Kinds of transitions: into the match and the deletion of the next node, into the insertion of the same one.</summary>
    public const int MM = 0, IM = 1, DM = 2, DD = 3, MD = 4, MI = 5, II = 6, ID = 7, DI = 8;

    /// <summary>States, in the order of the parts of a path.</summary>
    public const int MatchState = 0, InsertState = 1, DeleteState = 2;

    public abstract int Columns { get; }

    public abstract int Symbols { get; }

    /// <summary>Columns that share an exponent: the numbers of a row in them differ by what a gap over all of them costs, which is to be far inside a double's range.</summary>
    public abstract int BlockWidth { get; }

    public int Blocks => (Columns + BlockWidth - 1) / BlockWidth;

    /// <summary>Whether an insertion may follow a deletion, or a deletion an insertion.</summary>
    public abstract bool HasCrossings { get; }

    /// <summary>The factor of a path that begins with a match: in any row, or in the first alone.</summary>
    public double Entry { get; protected init; }

    public bool EntersAnyRow { get; protected init; }

    /// <summary>Whether node 0 is a match before the first symbol, and after each.</summary>
    public bool StartsFirst { get; protected init; }

    public bool StartsLater { get; protected init; }

    /// <summary>Whether a path may end in any match, or in any match of the last row.</summary>
    public bool EndsAnywhere { get; protected init; }

    public bool EndsInLastRow { get; protected init; }

    /// <summary>Whether a path may end in the last column before the last row, and there.</summary>
    public bool EndsInColumn { get; protected init; }

    public bool EndsInCorner { get; protected init; }

    /// <summary>What the end of the last column brings to its match, insertion and deletion.</summary>
    public double EndMatch { get; protected init; }

    public double EndInsert { get; protected init; }

    public double EndDelete { get; protected init; }

    /// <summary>A probability out of a node, of the nine kinds.</summary>
    public abstract double Transition(int node, int kind);

    public abstract double Match(int node, int symbol);

    public abstract double Insert(int node, int symbol);

    public virtual ColumnBlock Block(int block) => new(this, block * BlockWidth, WidthOf(block));

    /// <summary>The same columns as logarithms, for best paths.</summary>
    public virtual ColumnLogs Logs(int block) => new(this, block);

    public int LogBlocks => (Columns + ColumnLogs.Most - 1) / ColumnLogs.Most;

    /// <summary>The same model read from the ends.</summary>
    public virtual ReversedColumns Reversed() => new(this);

    public int WidthOf(int block) => Math.Min(BlockWidth, Columns - (block * BlockWidth));

    /// <summary>What a probability of 0 is here.</summary>
    protected double Zero { get; } = isLogarithmic ? double.NegativeInfinity : 0;

    protected double FromLog(double logarithm) => isLogarithmic ? logarithm : ScalarFunctions.Exp(logarithm);

    protected double Times(double left, double right) => isLogarithmic ? left + right : left * right;
}
