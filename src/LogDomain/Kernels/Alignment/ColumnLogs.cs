namespace LogDomain.Kernels.Alignment;

/// <summary>Neighbouring columns of a model in logarithms, side by side: a row of numbers for each kind of transition and for the emissions of each symbol.</summary>
internal sealed class ColumnLogs
{
    public const int Kinds = 9;

    public ColumnLogs(ColumnModel model, int first, int columns)
    {
        First = first;
        Columns = columns;
        Width = (columns + ColumnBlock.Lanes - 1) / ColumnBlock.Lanes * ColumnBlock.Lanes;
        Table = new double[Width * (Kinds + (2 * model.Symbols))];
        Array.Fill(Table, double.NegativeInfinity);
        for (int column = 0; column < columns; column++)
        {
            int node = first + column;
            for (int kind = 0; kind < Kinds; kind++)
            {
                bool isInto = kind is ColumnModel.MM or ColumnModel.IM or ColumnModel.DM;
                if (isInto || kind is ColumnModel.MI or ColumnModel.II or ColumnModel.DI || node + 1 < model.Columns)
                {
                    Table[(kind * Width) + column] = model.Transition(isInto ? node : node + 1, kind);
                }
            }

            for (int symbol = 0; symbol < model.Symbols; symbol++)
            {
                Table[MatchOffset(symbol) + column] = model.Match(node + 1, symbol);
                Table[MatchOffset(symbol) + Width + column] = model.Insert(node + 1, symbol);
            }
        }
    }

    /// <summary>The columns before this block.</summary>
    public int First { get; }

    public int Columns { get; }

    /// <summary>Numbers of a row: the columns, and -infinity up to full vectors.</summary>
    public int Width { get; }

    /// <summary>Transitions into the match of each column, out of each column to the deletion of the next, into its own insertion; then, for each symbol, the emissions of matches, and those of insertions.</summary>
    public double[] Table { get; }

    public int MatchOffset(int symbol) => (Kinds + (2 * symbol)) * Width;
}
