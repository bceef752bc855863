namespace LogDomain.Kernels.Alignment;

/// <summary>Neighbouring columns of a model in logarithms, eight to a vector, -infinity where there is no column.</summary>
internal sealed class ColumnLogs
{
    public const int Lanes = ColumnBlock.Lanes;

    /// <summary>Vectors for each eight columns: transitions in the order of their kinds. Into the match of each column, out of each column to the deletion of the next, into and out of its own insertion.</summary>
    public const int Kinds = 9;

    /// <summary>The most columns of a block: its states and factors are to stay in the first-level cache.</summary>
    public const int Most = 128;

    public ColumnLogs(ColumnModel model, int block)
    {
        First = block * Most;
        Columns = Math.Min(Most, model.Columns - First);
        Vectors = (Columns + Lanes - 1) / Lanes;
        Table = new double[Vectors * Lanes * (Kinds + (2 * model.Symbols))];
        Array.Fill(Table, double.NegativeInfinity);
        for (int column = 0; column < Columns; column++)
        {
            int node = First + column, vector = column / Lanes, lane = column % Lanes;
            for (int kind = 0; kind < Kinds; kind++)
            {
                bool isInto = kind is ColumnModel.MM or ColumnModel.IM or ColumnModel.DM;
                if (isInto || kind is ColumnModel.MI or ColumnModel.II or ColumnModel.DI || node + 1 < model.Columns)
                {
                    Table[(((vector * Kinds) + kind) * Lanes) + lane] = model.Transition(isInto ? node : node + 1, kind);
                }
            }

            for (int symbol = 0; symbol < model.Symbols; symbol++)
            {
                int at = EmissionOffset(symbol) + (vector * 2 * Lanes) + lane;
                Table[at] = model.Match(node + 1, symbol);
                Table[at + Lanes] = model.Insert(node + 1, symbol);
            }
        }
    }

    /// <summary>The columns before this block.</summary>
    public int First { get; }

    public int Columns { get; }

    /// <summary>Vectors in a row.</summary>
    public int Vectors { get; }

    /// <summary>The transitions; then, for each symbol and vector, the emissions of match and insertion.</summary>
    public double[] Table { get; }

    public int EmissionOffset(int symbol) => (Kinds + (2 * symbol)) * Vectors * Lanes;
}
