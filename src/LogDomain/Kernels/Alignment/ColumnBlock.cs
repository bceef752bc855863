namespace LogDomain.Kernels.Alignment;

/// <summary>
/// Neighbouring columns of a model in stripes: lane l of vector q is column <c>l Stripes + q</c>, so that neighbours are in neighbouring vectors (M. Farrar, "Striped Smith-Waterman speeds database
/// searches six times over other SIMD implementations", Bioinformatics 23, 2007).
/// </summary>
internal sealed class ColumnBlock
{
    public const int Lanes = 8;

    /// <summary>Vectors of factors for each stripe, after which come crossings where there are some: transitions in the order of their kinds up to <see cref="Prefix"/>.</summary>
    public const int Factors = 9, Prefix = 7, Padding = 8;

    // Factors outside are left to the numbers with exponents of their own: StripedSum counts on them to stay normal on the way through a row.
    private static readonly double LeastEmission = Math.ScaleB(1, -60), LargestEmission = Math.ScaleB(1, 40), LeastTransition = Math.ScaleB(1, -100), LargestTransition = Math.ScaleB(1, 20), LeastPrefix = Math.ScaleB(1, -1000);

    public ColumnBlock(ColumnModel model, int first, int columns)
    {
        First = first;
        Columns = columns;
        Stripes = (Columns + Lanes - 1) / Lanes;
        Stride = (model.HasCrossings ? Factors + 2 : Factors) * Lanes;
        Table = new double[(Stride * Stripes) + (2 * model.Symbols * Stripes * Lanes)];
        for (int q = 0; q < Stripes; q++)
        {
            Factor(q * Lanes, Padding, Lanes).Fill(1);
        }

        IsRegular = model.Entry is 0 or > 1e-60 and <= 1;
        for (int column = 0; column < Columns; column++)
        {
            int place = Place(column), node = first + column;
            Factor(place, Padding)[0] = 0;
            for (int kind = 0; kind < (model.HasCrossings ? 9 : 7); kind++)
            {
                double value = model.Transition(kind is ColumnModel.MI or ColumnModel.II or ColumnModel.DI ? node + 1 : node, kind);
                IsRegular &= value == 0 || (value >= LeastTransition && value <= LargestTransition);
                Factor(place, kind < Prefix ? kind : kind + 2)[0] = value;
            }

            // Where a deletion or an insertion can come from its like, it can come from a match, so that it never is far below all of them.
            IsRegular &= node == 0 || Factor(place, ColumnModel.MD)[0] > 0;
            IsRegular &= Factor(place, ColumnModel.MI)[0] > 0 || (Factor(place, ColumnModel.II)[0] == 0 && (!model.HasCrossings || Factor(place, ColumnModel.DI + 2)[0] == 0));
            double before = place < Lanes ? 1 : Factor(place - Lanes, Prefix)[0], delete = place < Lanes ? 1 : Factor(place, ColumnModel.DD)[0];
            Factor(place, Prefix)[0] = before * delete;
            IsRegular &= before * delete >= LeastPrefix || before == 0 || delete == 0;
            for (int symbol = 0; symbol < model.Symbols; symbol++)
            {
                double match = model.Match(node + 1, symbol), insert = model.Insert(node + 1, symbol);
                IsRegular &= match >= LeastEmission && match <= LargestEmission && (insert == 0 || (insert >= LeastEmission && insert <= LargestEmission));
                int at = EmissionOffset(symbol) + (place / Lanes * 2 * Lanes) + (place % Lanes);
                Table[at] = match;
                Table[at + Lanes] = insert;
            }
        }
    }

    /// <summary>The columns before this block.</summary>
    public int First { get; }

    public int Columns { get; }

    /// <summary>Vectors in a row.</summary>
    public int Stripes { get; }

    /// <summary>Numbers from the factors of a stripe to those of the next.</summary>
    public int Stride { get; }

    /// <summary>
    /// For each stripe: the transitions into the states of a column; the product of the deletions from the first column of its lane on; 1 where there is no column. Then for each symbol and stripe the emissions of match and insertion.
    /// </summary>
    public double[] Table { get; }

    /// <summary>Whether the factors are such as <see cref="StripedSum"/> can do with.</summary>
    public bool IsRegular { get; }

    public int EmissionOffset(int symbol) => (Stride + (2 * symbol * Lanes)) * Stripes;

    /// <summary>Where a column stands in a row.</summary>
    public int Place(int column) => (column % Stripes * Lanes) + (column / Stripes);

    private Span<double> Factor(int place, int factor, int count = 1) => Table.AsSpan((place / Lanes * Stride) + (factor * Lanes) + (place % Lanes), count);
}
